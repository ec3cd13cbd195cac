"""The options that every list of items takes, in one place, and the question they make."""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from engine.usecases.recommending import Boost, Question

_OPTIONS = (
    click.option("-k", default=10, show_default=True, help="How many items."),
    click.option(
        "--exclude-seen/--include-seen",
        default=True,
        show_default=True,
        help="Leave out what the user has used before, or let it compete.",
    ),
    click.option("--seen-days", type=float, help="Leave out only what was used in so many days."),
    click.option("--seen-event", multiple=True, help="Only this kind of event is use; repeatable."),
    click.option(
        "--where", multiple=True, metavar="ATTR=VALUE", help="Only such items; repeatable."
    ),
    click.option(
        "--fact", multiple=True, metavar="TYPE=ID", help="Only items joined to it: Category=tea."
    ),
    click.option("--allow", multiple=True, metavar="ID|@FILE", help="Only these items."),
    click.option("--block", multiple=True, metavar="ID|@FILE", help="None of these items."),
    click.option("--candidate", multiple=True, metavar="ID|@FILE", help="Choose among these."),
    click.option("--pin", multiple=True, metavar="ID", help="At the head, in this order."),
    click.option(
        "--boost",
        multiple=True,
        metavar="WHAT=FACTOR",
        help="green-tea=2, or category:tea=1.5 for an attribute or type; below 1 pushes down.",
    ),
    click.option("--mmr", type=float, help="Diversity: 1 only relevance, 0 only unlikeness."),
    click.option("--at-most", metavar="TRAIT=N", help="At most N of one value: category=2."),
    click.option(
        "--damping", type=float, default=0.0, help="How much popularity is held against: 0 to 1."
    ),
)
_NAMES = (
    *("k", "exclude_seen", "seen_days", "seen_event", "where", "fact", "allow", "block"),
    *("candidate", "pin", "boost", "mmr", "at_most", "damping"),
)


def list_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, which is given a ``question`` in their place."""

    @functools.wraps(command)
    def asked(*arguments: Any, **given: Any) -> Any:
        options = {name: given.pop(name) for name in _NAMES}
        return command(*arguments, question=question_of(**options), **given)

    for option in reversed(_OPTIONS):
        asked = option(asked)
    return asked


def question_of(**given: Any) -> "Question":
    """Return the question that the options make.

    Raises:
        UsageError: A value is out of range.
        click.BadParameter: A text is not of its form.
    """
    from engine.usecases.recommending import Arrangement, Question

    at_most = None
    if given["at_most"] is not None:
        trait, number = _halves(given["at_most"], "--at-most")
        at_most = (trait, _number(number, int, "--at-most"))
    return Question(
        k=given["k"],
        exclude_seen=given["exclude_seen"],
        filters=_grouped(given["where"], "--where"),
        seen_days=given["seen_days"],
        seen_events=tuple(given["seen_event"]),
        facts=_grouped(given["fact"], "--fact"),
        allow=_ids(given["allow"], "--allow") or None,
        block=_ids(given["block"], "--block"),
        candidates=_ids(given["candidate"], "--candidate") or None,
        arrangement=Arrangement(
            pins=tuple(given["pin"]),
            boosts=tuple(_boost(text) for text in given["boost"]),
            mmr=given["mmr"],
            at_most=at_most,
            damping=given["damping"],
        ),
    )


def _grouped(texts: Sequence[str], option: str) -> dict[str, list[str]]:
    """Return name -> values of texts such as ``category=tea``."""
    found: dict[str, list[str]] = {}
    for text in texts:
        name, value = _halves(text, option)
        found.setdefault(name, []).append(value)
    return found


def _boost(text: str) -> "Boost":
    from engine.usecases.recommending import Boost

    what, _, factor = text.rpartition("=")
    if not what:
        raise click.BadParameter(f"{text!r} is not WHAT=FACTOR", param_hint="--boost")
    trait, colon, value = what.partition(":")
    number = _number(factor, float, "--boost")
    return Boost(number, value, trait) if colon else Boost(number, what)


def _ids(texts: Sequence[str], option: str) -> tuple[str, ...]:
    """Return ids; ``@FILE`` stands for those in a file, one a line."""
    found: list[str] = []
    for text in texts:
        if not text.startswith("@"):
            found.append(text)
            continue
        try:
            lines = Path(text[1:]).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise click.BadParameter(f"cannot read {text[1:]}", param_hint=option) from error
        found.extend(line.strip() for line in lines if line.strip())
    return tuple(found)


def _halves(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint=option)
    return name, value


def _number(text: str, kind: type[Any], option: str) -> Any:
    try:
        return kind(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not a number", param_hint=option) from error

"""The options that every list of items takes, in one place, and the question they make."""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli.name_value import read_whole, split_factor, split_pair
from engine.data.conditions import parse_where
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.api import ListOptions

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
        "--not-shown-within",
        metavar="TIME",
        help="Leave out what was shown in that time and not used since: 30m, 6h, 7d. Of lists that "
        "are remembered.",
    ),
    click.option(
        "--where",
        multiple=True,
        metavar="CONDITION",
        help="Only such items: category=tea, category!=tea, price<=20, language=user.language; "
        "repeatable, and of = the same attribute again is either value.",
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
    click.option(
        "--explore",
        type=float,
        default=0.0,
        help="Share of the positions for items of which little is known: 0 to 1.",
    ),
    click.option(
        "--return",
        "attributes",
        multiple=True,
        metavar="ATTR",
        help="Show this attribute of each item; repeatable.",
    ),
)
_NAMES = (
    *("exclude_seen", "seen_days", "seen_event", "not_shown_within", "where", "fact"),
    *("allow", "block", "candidate", "pin", "boost", "mmr", "at_most", "damping"),
    *("explore", "attributes"),
)

cursor_option = click.option(
    "--cursor", metavar="TEXT", help="The next page: the cursor that --json showed."
)


def list_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, which is given ``k`` and ``options`` in their place."""

    @functools.wraps(command)
    def asked(*arguments: Any, **given: Any) -> Any:
        options = {name: given.pop(name) for name in _NAMES}
        return command(*arguments, options=read(**options), **given)

    for option in reversed(_OPTIONS):
        asked = option(asked)
    return asked


def read(**given: Any) -> "ListOptions":
    """Return what the options say.

    Raises:
        UsageError: A text is not of its form.
    """
    at_most = None
    if given["at_most"] is not None:
        trait, number = split_pair(given["at_most"], "--at-most", "category=2")
        at_most = {trait: read_whole(number, "--at-most", "category=2")}
    return {
        "exclude_seen": given["exclude_seen"],
        "where": _conditions(given["where"]),
        "seen_days": given["seen_days"],
        "seen_events": given["seen_event"],
        "not_shown_within": given["not_shown_within"],
        "facts": _grouped(given["fact"], "--fact", "Category=tea"),
        "allow": _ids(given["allow"], "--allow") or None,
        "block": _ids(given["block"], "--block"),
        "candidates": _ids(given["candidate"], "--candidate") or None,
        "pins": given["pin"],
        "boosts": [_boost(text) for text in given["boost"]],
        "mmr": given["mmr"],
        "at_most": at_most,
        "damping": given["damping"],
        "explore": given["explore"],
        "attributes": given["attributes"],
    }


def _conditions(texts: Sequence[str]) -> Sequence[str]:
    """Return conditions as they are, once they are known to be some."""
    parse_where(texts, "--where")
    return texts


def _grouped(texts: Sequence[str], option: str, example: str) -> dict[str, list[str]]:
    """Return name -> values of texts such as ``category=tea``."""
    found: dict[str, list[str]] = {}
    for text in texts:
        name, value = split_pair(text, option, example)
        found.setdefault(name, []).append(value)
    return found


def _boost(text: str) -> tuple[str | tuple[str, str], float]:
    what, number = split_factor(text, "--boost", "green-tea=2 or --boost category:tea=1.5")
    trait, colon, value = what.partition(":")
    return ((trait, value) if colon else what), number


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
            raise UsageError(
                f"{option} {text}: the file cannot be read",
                hint="name a file of UTF-8 text with one id a line, or give the ids themselves",
            ) from error
        found.extend(line.strip() for line in lines if line.strip())
    return tuple(found)

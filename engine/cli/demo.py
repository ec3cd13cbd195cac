"""``engine demo``."""

import textwrap
from typing import TYPE_CHECKING

import click

from engine.cli import render

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.api import Engine
    from engine.api.results import DemoReport, Household, SharedItems

_METRICS = ("recall@20", "ndcg@20", "hit@20")
_WIDEST = 100


@click.command(
    help="Run the whole path on real shopping data: start the database, load, train, compare with "
    "plain methods, learn to rank, publish, recommend. It needs an empty graph, or that of an "
    "earlier demo; stopped with Ctrl-C, it goes on where it was.",
    epilog="Example: engine --home engine-demo demo",
)
@click.option(
    "--epochs",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Most passes over the data in training. 300 households are not rewarded for more.",
)
@click.option(
    "--households",
    type=click.IntRange(10),
    help="Take fewer of the 300 households, to have it done sooner: 60 are enough for a verdict.",
)
@click.pass_obj
def command(engine: "Engine", epochs: int, households: int | None) -> None:
    """Run the demonstration and print what it found."""
    _show(engine.demo(epochs=epochs, households=households))


def _show(found: "DemoReport") -> None:
    for household in found.households:
        _show_household(household)
    for seen, title in (
        (True, "What will a household buy next? Of everything, the best method first"),
        (False, "What will a household buy next? Of what is new to it, the best first"),
    ):
        render.say()
        asked = [one for one in found.trained.result.comparisons if one.seen is seen]
        rows = [
            {"method": one.method} | {name: one.means[name] for name in _METRICS}
            for one in sorted(asked, key=lambda one: -one.means["ndcg@20"])
        ]
        render.table(rows, ("method", *_METRICS), title)
    render.say()
    for line in (*found.trained.result.verdicts(), *found.ranker.lines()):
        _say(line)
    render.say()
    _say(f"How personal: {_alike(found.shared_any, found.shared_new)}")
    render.say(f"\nAll of it took {found.seconds:.0f} s. Three commands to try next:\n")
    user = found.households[0]
    render.say(f"  engine recommend {user.id} --include-seen")
    render.say(f"  engine explain {user.id} {user.new[0].item.id}")
    render.say("  engine status")
    render.say("\nAnd to see it in a browser, with the extra [serve]: engine serve")


def _show_household(one: "Household") -> None:
    render.say()
    _say(f"Household {one.id} shops here {one.kind}: {one.purchases:,} purchases")
    _two_columns("bought last", "", ((name, f"{at:%d %B}") for at, name in one.bought))
    for title, items in (("recommended, of everything", one.any), ("new to it", one.new)):
        _two_columns(title, "why", ((of.item.name or of.item.id, of.reason) for of in items))


def _two_columns(left: str, right: str, rows: "Iterable[tuple[str, str]]") -> None:
    """Print a table whose second column begins in the middle of the line, as in all the others."""
    wide = _columns() // 2 - 1
    cut = [(_cut(first, wide).ljust(wide), _cut(second, wide)) for first, second in rows]
    render.table([{left: first, right: second} for first, second in cut], (left, right))


def _alike(any_: "SharedItems", new: "SharedItems") -> str:
    return (
        f"two households share {any_.ours:.1f} of their first 10 items, where popularity gives "
        f"{any_.popular:.1f}; of new items {new.ours:.1f}, popularity {new.popular:.1f}."
    )


def _say(text: str) -> None:
    """Print a paragraph, no line of it longer than the terminal is wide."""
    for line in textwrap.wrap(text, _columns()):
        render.say(line)


def _cut(text: str, wide: int) -> str:
    return text if len(text) <= wide else f"{text[: wide - 1]}…"


def _columns() -> int:
    return min(_WIDEST, render.width())

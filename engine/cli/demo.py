"""``engine demo``."""

from itertools import zip_longest
from typing import TYPE_CHECKING

import click

from engine.cli import render
from engine.cli.progress import progress_reporter
from engine.config import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.usecases.demonstration import DemoReport, Household
    from engine.usecases.recommending import Recommended

_STAGES = {
    "start": "Start Neo4j",
    "load": "Load a year of shopping",
    "search": "Train, with validation",
    "test": "Train, for the test",
    "final": "Train on everything",
    "publish": "Publish",
}
_UNITS = {"load": "rows", "search": "steps", "test": "steps", "final": "steps"}
_SHOWN = ("recall@20", "ndcg@20", "hit@20")
_WIDEST = 40


@click.command(
    help="Run the whole path on real shopping data: start the database, load, train, compare with "
    "plain methods, publish, recommend. It needs an empty graph, or that of an earlier demo; "
    "stopped with Ctrl-C, it goes on where it was.",
    epilog="Example: engine --home engine-demo demo",
)
@click.option(
    "--epochs",
    type=click.IntRange(1),
    default=4,
    show_default=True,
    help="Most passes over the data in training. This sample is too sparse to reward more.",
)
@click.pass_obj
def command(settings: Settings, epochs: int) -> None:
    """Run the demonstration and print what it found."""
    from engine.usecases.demonstration import demo

    with progress_reporter(keep_bars=True) as progress:
        current, last = "start", 1
        progress.update(_STAGES[current])

        def report(stage: str, done: int, total: int, detail: str) -> None:
            nonlocal current, last
            if stage != current:
                # Training that stops early leaves its bar short of its end.
                progress.update(_STAGES[current], last, last)
            current, last = stage, total or 1
            progress.update(_STAGES[stage], done, total, unit=_UNITS.get(stage, ""), detail=detail)

        found = demo(settings, epochs=epochs, report=report)
        progress.update(_STAGES[current], last, last)
    _show(found)


def _show(found: "DemoReport") -> None:
    render.say()
    for seen, title in (
        (False, "What will a household buy next? Products that are new to it"),
        (True, "What will a household buy next? Products it knows included"),
    ):
        rows = [
            {"method": one.method} | {name: one.means[name] for name in _SHOWN}
            for one in found.trained.result.comparisons
            if one.seen is seen
        ]
        render.table(rows, ("method", *_SHOWN), title)
        render.say()
    for line in found.trained.result.verdicts():
        render.say(line)
    for household in found.households:
        render.say()
        _show_household(household)
    render.say(f"\nAll of it took {found.seconds:.0f} s. Three commands to try next:\n")
    user = found.households[0]
    render.say(f"  engine recommend {user.id} --include-seen")
    render.say(f"  engine similar {user.new[0].id}")
    render.say("  engine status")
    render.say("\nAnd to see it in a browser: engine serve")


def _show_household(one: "Household") -> None:
    columns = ("bought last", "recommended: new for them", "recommended: of everything")
    bought = [f"{at:%d %b}  {name}" for at, name in one.bought]
    lists = [_fitted(cells) for cells in (bought, _names(one.new), _names(one.any))]
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip_longest(*lists, fillvalue="")]
    title = f"Household {one.id} shops here {one.kind}: {one.purchases} purchases"
    render.table(rows, columns, title)


def _names(items: "Iterable[Recommended]") -> list[str]:
    return [item.name or f"product {item.id}" for item in items]


def _fitted(cells: list[str]) -> list[str]:
    """Cut texts so that three columns fit on a line."""
    longest = min(_WIDEST, render.width() // 3 - 2)
    return [text if len(text) <= longest else text[: longest - 1] + "…" for text in cells]

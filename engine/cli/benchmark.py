"""``engine benchmark``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli import render
from engine.cli.name_value import pairs
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.api import Engine
    from engine.api.results import PaperTableRow


@click.group(help="Make published figures again on this machine.")
def command() -> None:
    """Group the benchmarks."""


def _numbers(_ctx: click.Context, _param: click.Parameter, text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise UsageError(
            f"--layers {text!r} is not a list of whole numbers", hint="write --layers 1,2,3"
        ) from None


@command.command(
    name="paper-table",
    help="Train LightGCN and NGCF with 1 to 4 layers on a published split and print published and "
    "reached figures side by side. DIR holds train.txt and test.txt (or .gz), adjacency lists. "
    "Finished rows are kept: the same command goes on where it was stopped.",
    epilog="Example: engine benchmark paper-table --data gowalla --models lightgcn --layers 3",
)
@click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder of the split: Gowalla, Yelp2018, Amazon-Book, or one of yours.",
)
@click.option("--models", default="lightgcn,ngcf", show_default=True, help="Which rows.")
@click.option("--layers", default="1,2,3,4", show_default=True, callback=_numbers, help="Which.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), metavar="N")
@click.option(
    "--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Change a setting; repeatable."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def paper_table(engine: "Engine", /, as_json: bool, **flags: Any) -> None:
    """Print the table."""
    rows = engine.paper_table(
        flags["data"],
        models=flags["models"].split(","),
        layers=flags["layers"],
        seed=flags["seed"],
        settings=pairs(flags["pairs"], "--set", "epochs=20"),
    )
    if as_json:
        render.emit_json(rows.to_dicts())
        return
    shown = [_shown(row) for row in rows]
    if shown:
        render.table(shown, tuple(shown[0]), f"{rows[0].data}: recall@20 / ndcg@20")


def _shown(row: "PaperTableRow") -> dict[str, Any]:
    of_it = None
    if row.published is not None:
        shares = (got / known for got, known in zip(row.reached, row.published, strict=True))
        of_it = " / ".join(f"{share:.1%}" for share in shares)
    return {
        "model": row.model,
        "layers": row.layers,
        "published": _pair(row.published),
        "reached": _pair(row.reached),
        "of it": of_it,
        "vectors alone": _pair(row.plain),
        "popularity": row.popularity_weight,
        "epochs": row.epochs,
        "seconds": round(row.seconds),
    }


def _pair(figures: tuple[float, float] | None) -> str | None:
    return None if figures is None else " / ".join(f"{one:.4f}" for one in figures)

"""``engine models``: the models there are, what they need and what they can do."""

from typing import TYPE_CHECKING

import click

from engine.cli import render

if TYPE_CHECKING:
    from engine.api import Engine

_COLUMNS = ("name", "kind", "trained", "needs", "takes", "unseen", "paper", "summary")


@click.command(
    help="List the models: what kind each is, what it needs and can take beside events "
    "(features, facts, timestamps), and whether it makes vectors of users or items it never saw. "
    "Trained ones go to engine train --model NAME; the others stand beside them in comparisons.",
    epilog="Example: engine models --json",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(engine: "Engine", as_json: bool) -> None:
    """List the models."""
    rows = engine.models().to_dicts()
    if as_json:
        render.emit_json(rows)
        return
    words = ("needs", "takes", "unseen")
    flat = [
        row
        | {name: ", ".join(row[name]) for name in words}
        | {"trained": "yes" if row["trained"] else "no"}
        for row in rows
    ]
    render.table(flat, _COLUMNS)

"""``engine models``: the models there are, what they need and what they can do."""

import click

from engine.cli import render

_COLUMNS = ("name", "kind", "trained", "needs", "takes", "unseen", "paper", "summary")


@click.command(
    help="List the models: what kind each is, what it needs and can take beside events "
    "(features, facts, timestamps), and whether it makes vectors of users or items it never saw. "
    "Trained ones go to engine train --model NAME; the others stand beside them in comparisons.",
    epilog="Example: engine models --json",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """List the models."""
    from engine.usecases.modelling import list_models

    rows = list_models()
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

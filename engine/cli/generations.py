"""``engine generations``."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from engine.cli import render

if TYPE_CHECKING:
    from engine.api import Engine

_COLUMNS = ("number", "serving", "state", "in_graph", "model", "run_id", "created_at", "ndcg@20")
_AUDIT = ("at", "kind", "from_number", "to_number", "who", "why")


@click.command(
    help="List the generations of embeddings, newest first; those in the graph can be put into "
    "service. The figure is that of the run's test: seen items allowed where people come back.",
    epilog="Example: engine generations --audit --json",
)
@click.option("--audit", is_flag=True, help="List who put which into service, when and why.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(engine: "Engine", audit: bool, as_json: bool) -> None:
    """Print what the registry remembers, corrected by what the graph serves."""
    if audit:
        moves = [asdict(flip) for flip in engine.pointer_moves()]
        if as_json:
            render.emit_json([move | {"at": move["at"].isoformat()} for move in moves])
        else:
            render.table(moves, _AUDIT, "Moves of the serving pointer, newest first")
        return
    rows = engine.generations().to_dicts()
    if as_json:
        render.emit_json(rows)
        return
    for row in rows:
        row["ndcg@20"] = next(iter(row["metrics"].values()), None)
        row["serving"] = "serving" if row["serving"] else ""
    columns = (*_COLUMNS, "reason") if any(row["reason"] for row in rows) else _COLUMNS
    render.table(rows, columns, "Generations")
    if not rows:
        render.note("No generation yet. Next: engine train && engine publish")

"""``engine generations``."""

from dataclasses import asdict

import click

from engine.cli import neo4j_start, render
from engine.config import Settings

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
def command(settings: Settings, audit: bool, as_json: bool) -> None:
    """Print what the registry remembers, corrected by what the graph serves."""
    from engine.usecases import generations

    neo4j_start.ready(settings)
    if audit:
        moves = [asdict(flip) for flip in generations.list_pointer_moves(settings)]
        if as_json:
            render.emit_json([move | {"at": move["at"].isoformat()} for move in moves])
        else:
            render.table(moves, _AUDIT, "Moves of the serving pointer, newest first")
        return
    rows = generations.list_generations(settings)
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

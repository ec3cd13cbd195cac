"""``engine generations``."""

import click

from engine.cli import render, server
from engine.config import Settings


@click.command(
    help="List the generations of embeddings, newest first.",
    epilog="Example: engine generations --json",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(settings: Settings, as_json: bool) -> None:
    """Print what the registry remembers, corrected by what the graph serves."""
    from engine.pipeline.recommend import list_generations

    server.ready(settings)
    rows = list_generations(settings)
    if as_json:
        render.emit_json(rows)
        return
    columns = ("number", "state", "run_id", "model", "dimension", "created_at", "reason")
    render.table(rows, columns, "Generations")
    if not rows:
        render.note("No generation yet. Next: engine train && engine publish")

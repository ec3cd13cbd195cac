"""``engine batches``."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from engine.cli import render

if TYPE_CHECKING:
    from engine.api import Engine

_COLUMNS = ("load", "own", "first", "last", "batches", "relations", "described", "undone", "at")


@click.group(
    help="List what wrote into the graph, newest first, and undo it. A load is a file, or a "
    "service from its start to its end; it writes batches. Loads that are not this home's own are "
    "undone by the numbers of their batches.",
    invoke_without_command=True,
    epilog="Example: engine batches && engine batches undo --load 17",
)
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(context: click.Context, limit: int, as_json: bool) -> None:
    """List the loads, unless a command follows."""
    if context.invoked_subcommand is not None:
        return
    rows = [asdict(one) for one in context.obj.list_loads(limit)]
    if as_json:
        render.emit_json(rows)
        return
    render.table(rows, _COLUMNS)
    if not rows:
        render.note("Nothing was loaded yet. Next: engine ingest events.csv")


@command.command(epilog="Example: engine batches undo 17 18")
@click.argument("numbers", nargs=-1, type=click.IntRange(min=1), metavar="[BATCH]...")
@click.option(
    "--load", "loads", multiple=True, type=click.IntRange(min=1), help="All batches of a load."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def undo(engine: "Engine", numbers: tuple[int, ...], loads: tuple[int, ...], as_json: bool) -> None:
    """Take out the events and facts of batches, and bring the graphs between items up to date."""
    done = engine.undo_batches(numbers, loads=loads)
    if as_json:
        render.emit_json(asdict(done))
        return
    render.note(
        f"Undone: {len(done.batches)} batches; {done.relations} events and facts are out, "
        f"and {done.nodes} users and items of whom nothing was left."
    )
    if done.described:
        render.note(
            f"{done.described} users and items got attributes by them and keep these: load the "
            "right file."
        )
    for name, edges in done.graphs.items():
        render.note(f"{name} is built again: {edges}")

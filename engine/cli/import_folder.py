"""``engine import``."""

from typing import TYPE_CHECKING

import click

from engine.cli import render
from engine.cli.name_value import split_names

if TYPE_CHECKING:
    from engine.api import Engine


@click.command(epilog="Example: engine import --from backup")
@click.option(
    "--from",
    "source",
    metavar="DIR",
    required=True,
    help="A folder of engine export --to, or s3://…",
)
@click.option(
    "--what",
    metavar="LIST",
    default="",
    help="Some of events,items,users,facts,vectors,lists,shown,registry; the default is all.",
)
@click.option(
    "--bulk/--no-bulk",
    default=None,
    help="Load events by Neo4j's offline importer; the default is where it is quicker.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_obj
def command(engine: "Engine", source: str, what: str, bulk: bool | None, as_json: bool) -> None:
    """Add what an exported folder holds and the graph lacks.

    The folder is compared with its manifest before anything is written. Run again it adds nothing;
    a command that was killed is run again and goes on.
    """
    done = engine.import_folder(source, what=split_names(what), bulk=bulk)
    if as_json:
        render.emit_json(done.as_dict())
        return
    columns = ("kind", "read", "accepted", "duplicate", "forgotten")
    render.table([vars(one) for one in done.files], columns)
    if done.generations:
        render.note(f"Generations: {', '.join(map(str, done.generations))}")
    render.note(f"Rows of the registry: {done.registry_rows}; named lists: {done.list_changes}")

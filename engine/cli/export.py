"""``engine export``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli import render
from engine.cli.name_value import split_names
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.api import Engine


@click.group(
    invoke_without_command=True,
    epilog="Examples: engine export --to backup; engine export --to s3://shop/backup "
    "--what events,items; engine export user alice --out alice.zip",
)
@click.option("--to", metavar="DIR", help="A folder that is not there yet, or s3://…, gs://…")
@click.option(
    "--what",
    metavar="LIST",
    default="",
    help="Some of events,items,users,facts,vectors,lists,shown,registry; the default is all.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as JSON.")
@click.pass_context
def command(ctx: click.Context, to: str | None, what: str, as_json: bool) -> None:
    """Copy the graph to a folder, or hand out what is held about somebody.

    The folder holds Parquet files and a manifest with the SHA-256 of each; engine import brings it
    into another graph, and engine ingest takes its events. The database may be in use meanwhile. A
    command that was killed is run again and goes on.
    """
    if ctx.invoked_subcommand is not None:
        if to is not None:
            raise UsageError("--to is for the whole graph", hint="name the archive: --out FILE")
        return
    if to is None:
        raise UsageError(
            "say where to export to",
            hint="engine export --to DIR; of one person: engine export user ID --out FILE",
        )
    if to.startswith("memory://"):
        raise UsageError(
            f"{to} would end with this command",
            hint="name a folder, s3://… or gs://…; memory:// is for Engine.export of a program",
        )
    engine: Engine = ctx.obj
    manifest = engine.export(to, what=split_names(what))
    if as_json:
        render.emit_json(manifest.as_dict())
        return
    render.table(
        [{"table": name, "rows": rows} for name, rows in manifest.rows.items()], ("table", "rows")
    )
    size = sum(one.bytes for one in manifest.files) / 1e6
    render.note(f"Written: {to}, {len(manifest.files)} files, {size:,.1f} MB")


@command.command(epilog="Example: engine export user alice --out alice.zip")
@click.argument("id_", metavar="ID")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The archive: a ZIP of JSON lines with a manifest, readable by you alone.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as JSON.")
@click.pass_obj
def user(engine: "Engine", id_: str, out: Path, as_json: bool) -> None:
    """Write all that is held about a user as one archive."""
    done = engine.export_person(id_, out)
    if as_json:
        render.emit_json(done.as_dict())
        return
    render.table([vars(one) for one in done.files], ("name", "rows", "sha256"))
    for line in done.notes:
        render.note(line)
    render.note(f"Written: {out}")

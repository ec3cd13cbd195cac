"""``engine export``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli import render

if TYPE_CHECKING:
    from engine.api import Engine


@click.group(help="Hand out what is held about somebody.")
def command() -> None:
    """Group of the commands that export."""


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

"""``engine retract``."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli import render
from engine.cli.read_options import read_options, taken

if TYPE_CHECKING:
    from engine.api import Engine


@click.group(help="Take out again what a wrong file brought in.")
def command() -> None:
    """Group of the commands that retract."""


@command.command(epilog="Example: engine retract events wrong-export.csv")
@click.argument("file", type=click.Path(path_type=Path))
@read_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def events(engine: "Engine", /, file: Path, as_json: bool, **given: Any) -> None:
    """Take out the events of a file; read it with the flags that it was loaded with."""
    done = engine.retract_events(file, reading=taken(given))
    if as_json:
        render.emit_json(asdict(done))
        return
    render.table([asdict(done)], ("file", "read", "retracted", "bad", "nodes"))
    for name, edges in done.graphs.items():
        render.note(f"{name} is built again: {edges}")

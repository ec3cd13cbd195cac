"""``engine config show``."""

import click

from engine import config
from engine.cli import render


@click.group(help="Show the settings and where each came from.")
def command() -> None:
    """Group of the settings commands."""


@command.command(epilog="Example: ENGINE_NEO4J_URI=bolt://graph:7687 engine config show")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def show(ctx: click.Context, as_json: bool) -> None:
    """List every setting: value, source, meaning. Secrets are never shown."""
    rows = config.provenance(ctx.obj.settings, ctx.meta["engine.flags"])
    if as_json:
        render.emit_json(rows)
    else:
        render.table(rows, ("name", "value", "source", "help"))

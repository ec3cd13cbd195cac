"""``engine rollback``."""

from typing import TYPE_CHECKING

import click

from engine.cli import render

if TYPE_CHECKING:
    from engine.api import Engine


@click.command(
    help="Go back to the generation that was in service before, in one transaction. Again: to the "
    "one before that.",
    epilog='Example: engine rollback --why "complaints since this morning"',
)
@click.option(
    "--to", type=click.IntRange(min=1), metavar="N", help="This one; again changes nothing."
)
@click.option("--why", default="", help="For the audit: engine generations --audit.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(engine: "Engine", to: int | None, why: str, as_json: bool) -> None:
    """Put an earlier generation into service."""
    render.flipped(engine.rollback(to, why=why).as_dict(), as_json)

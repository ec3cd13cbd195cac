"""``engine promote``."""

from typing import TYPE_CHECKING

import click

from engine.cli import render

if TYPE_CHECKING:
    from engine.api import Engine


@click.command(
    help="Put generation N into service. Its vectors and indexes are checked first; the pointer "
    "moves in one transaction. N in service already: nothing is done.",
    epilog='Example: engine promote 7 --why "the new one lost against it in the shop"',
)
@click.argument("number", type=click.IntRange(min=1), metavar="N")
@click.option("--why", default="", help="For the audit: engine generations --audit.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(engine: "Engine", number: int, why: str, as_json: bool) -> None:
    """Put a generation into service."""
    render.flipped(engine.promote(number, why=why).as_dict(), as_json)

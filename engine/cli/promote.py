"""``engine promote``."""

import click

from engine.cli import neo4j_start, render
from engine.config import Settings


@click.command(
    help="Put generation N into service. Its vectors and indexes are checked first; the pointer "
    "moves in one transaction. N in service already: nothing is done.",
    epilog='Example: engine promote 7 --why "the new one lost against it in the shop"',
)
@click.argument("number", type=click.IntRange(min=1), metavar="N")
@click.option("--why", default="", help="For the audit: engine generations --audit.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(settings: Settings, number: int, why: str, as_json: bool) -> None:
    """Put a generation into service."""
    from engine.usecases import generations

    neo4j_start.ready(settings)
    render.flipped(generations.promote(settings, number, why=why).as_dict(), as_json)

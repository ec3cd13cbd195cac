"""``engine similar``."""

import click

from engine.cli import render, server
from engine.cli.recommend import filters_of, show
from engine.config import Settings


@click.command(
    help="Show the items most like ITEM.",
    epilog="Example: engine similar green-tea -k 5",
)
@click.argument("item")
@click.option("-k", default=10, show_default=True, help="How many items.")
@click.option("--user", help="Leave out what this user has used before.")
@click.option("--where", multiple=True, metavar="ATTR=VALUE", help="Only such items; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(
    settings: Settings,
    item: str,
    k: int,
    user: str | None,
    where: tuple[str, ...],
    as_json: bool,
) -> None:
    """Print the items like one item."""
    from engine.graph.recommendations import Question
    from engine.pipeline.recommend import similar

    server.ready(settings)
    answer = similar(settings, item, Question(k=k, filters=filters_of(where)), user)
    if not as_json and answer.name:
        render.note(f"{item} is {answer.name}")
    show(answer, f"Like {item}", as_json)

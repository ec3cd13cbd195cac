"""``engine similar``."""

from typing import TYPE_CHECKING, Any

import click

from engine.cli import render
from engine.cli.list_options import cursor_option, list_options
from engine.cli.recommend import show

if TYPE_CHECKING:
    from engine.api import Engine, ListOptions


@click.command(
    help="Show the items most like ITEM, that go with it, or that come next. "
    "What is bought together, or goes into one basket, can be asked of several.",
    epilog="Example: engine similar green-tea -k 5 --by bought-together\n\n"
    "Example: engine similar green-tea mug --by within-basket --user alice",
)
@click.argument("items", metavar="ITEM", nargs=-1, required=True)
@click.option(
    "--by",
    type=click.Choice(
        ["embedding", "bought-together", "within-basket", "next", "attributes", "filter", "content"]
    ),
    default="embedding",
    show_default=True,
    help="Vectors in service; shared baskets; these and the habits of --user; what follows; "
    "facts they share; the edges of the filter in service; or the vectors that were loaded with "
    "them.",
)
@click.option("--user", help="Leave out what this user has used; within a basket it competes.")
@list_options
@cursor_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(
    engine: "Engine",
    items: tuple[str, ...],
    by: Any,
    user: str | None,
    k: int,
    options: "ListOptions",
    cursor: str | None,
    as_json: bool,
) -> None:
    """Print the items like one item."""
    answer = engine.similar(items, k, by=by, user=user, cursor=cursor, **options)
    if not as_json and answer.name and len(items) == 1:
        render.note(f"{items[0]} is {answer.name}")
    title = {
        "embedding": "Like",
        "bought-together": "Together with",
        "within-basket": "In a basket with",
        "next": "After",
        "filter": "By the filter, from",
        "content": "In content like",
    }
    show(answer, f"{title.get(by, 'Sharing facts with')} {', '.join(items)}", as_json)

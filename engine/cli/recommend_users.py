"""``engine recommend-users``."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from engine.cli import render

if TYPE_CHECKING:
    from engine.api import Engine


@click.command(
    help="Recommend users whom USER may want to know; friends are left out.",
    epilog="Example: engine recommend-users alice --by adamic-adar -k 5",
)
@click.argument("user")
@click.option("-k", type=click.IntRange(1, 10_000), default=10, show_default=True, help="How many.")
@click.option(
    "--by",
    type=click.Choice(["adamic-adar", "friends-of-friends", "embedding"]),
    default="adamic-adar",
    show_default=True,
    help="Shared friends, rare ones more; shared friends; or vectors in service.",
)
@click.option("--relation", help="Facts that are friendships; needed where users have several.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(
    engine: "Engine", user: str, k: int, by: Any, relation: str | None, as_json: bool
) -> None:
    """Print users for a user."""
    found = engine.recommend_users(user, k, by=by, relation=relation)
    if as_json:
        render.emit_json({"user": user, "by": by, **asdict(found), "note": found.note()})
        return
    if said := found.note():
        render.note(said)
    rows = [{"#": rank} | asdict(one) for rank, one in enumerate(found.people, start=1)]
    render.table(rows, ("#", "id", "name", "score", "shared"), f"For {user}, by {found.relation}")

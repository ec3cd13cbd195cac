"""``engine explain``."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from engine.cli import render

if TYPE_CHECKING:
    from engine.api import Engine


@click.command(
    help="Say why ITEM may suit USER: items the user had, and what they share with it.",
    epilog="Example: engine explain alice green-tea",
)
@click.argument("user")
@click.argument("item")
@click.option("-k", default=5, show_default=True, help="How many paths.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(engine: "Engine", user: str, item: str, k: int, as_json: bool) -> None:
    """Print a sentence, then the best paths from a user to an item."""
    found = engine.explain(user, item, k)
    if as_json:
        render.emit_json(asdict(found))
        return
    render.say(found.sentence)
    if found.ranked:
        render.say(f"Ranked by: {'; '.join(found.ranked)}.")
    rows = [asdict(path) for path in found.paths]
    if not rows:
        render.note(f"No fact joins {item} to what {user} had.")
    shown = [
        {
            "score": row["score"],
            "had": row["via_name"] or row["via"],
            "times": row["events"],
            "relation": row["first"],
            "shared": f"{row['type']} {row['entity_name'] or row['entity']}",
            "of the item": row["second"],
        }
        for row in rows
    ]
    columns = ("score", "had", "times", "relation", "shared", "of the item")
    render.table(shown, columns, f"From {user} to {item}")

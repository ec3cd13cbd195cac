"""``engine dislike``."""

from typing import TYPE_CHECKING

import click

from engine.cli import render

if TYPE_CHECKING:
    from engine.api import Engine
    from engine.data.dislikes import DislikeKind


@click.command(
    help="Show ITEM to USER no more, or, written TYPE=ID, everything that is joined to that fact. "
    "Without ITEM: what USER dislikes.",
    epilog="Examples: engine dislike alice green-tea; engine dislike alice Brand=x --undo",
)
@click.argument("user")
@click.argument("item", required=False)
@click.option(
    "--kind",
    type=click.Choice(("dislike", "not_interested")),
    default="dislike",
    show_default=True,
    help="The kind of event it is kept as.",
)
@click.option("--undo", is_flag=True, help="Take it back.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(
    engine: "Engine", user: str, item: str | None, kind: "DislikeKind", undo: bool, as_json: bool
) -> None:
    """Note what a user dislikes, take it back, or list it."""
    if item is not None:
        changed = engine.dislike(user, item, kind=kind, undo=undo)
        if as_json:
            render.emit_json({"user": user, "item": item, "undo": undo, "changed": changed})
        else:
            render.note(_sentence(user, item, undo=undo, changed=changed))
        return
    if undo:
        raise click.UsageError("--undo takes ITEM: engine dislike alice green-tea --undo")
    rows = engine.dislikes(user).to_dicts()
    if as_json:
        render.emit_json(rows)
    else:
        render.table(rows, ("kind", "id", "name", "event", "at"), f"What {user} dislikes")


def _sentence(user: str, item: str, *, undo: bool, changed: bool) -> str:
    if undo:
        said = "may be shown again to" if changed else "was not disliked by"
        return f"{item} {said} {user}."
    if changed:
        return f"{item} is shown to {user} no more. To take it back: --undo"
    return f"{user} dislikes {item} already."

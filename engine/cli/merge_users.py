"""``engine merge-users``."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from engine.cli import render

if TYPE_CHECKING:
    from engine.api import Engine


@click.command(
    help="Make one user of two: everything of OLD, such as an anonymous visitor, becomes USER's, "
    "and OLD stands for USER from then on. Cut off, the same command goes on; made again it "
    "changes nothing.",
    epilog="Example: engine merge-users anonymous alice",
)
@click.argument("old")
@click.argument("user")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(engine: "Engine", old: str, user: str, as_json: bool) -> None:
    """Merge a user into another one."""
    done = engine.merge_users(old, user)
    if as_json:
        render.emit_json(asdict(done))
        return
    if done.moved:
        rows = [{"what": name, "moved": count} for name, count in sorted(done.moved.items())]
        render.table(rows, ("what", "moved"), f"From {old} to {done.user}")
    render.note(f"{old} stands for {done.user} now.")

"""``engine tidy``."""

from typing import TYPE_CHECKING

import click

from engine.cli import render

if TYPE_CHECKING:
    from engine.api import Engine

_COLUMNS = ("kind", "subject", "size", "why")


@click.command(
    help="Remove what killed work left behind and what is past its limit: quarantine files, "
    "nights, logs, states of interrupted trainings, checkpoints and generations that are kept no "
    "longer. The limits are settings: engine config show.",
    epilog="Example: engine tidy --dry-run",
)
@click.option("--dry-run", is_flag=True, help="Show what would go; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(engine: "Engine", dry_run: bool, as_json: bool) -> None:
    """Print what went, or would go."""
    done = engine.tidy(dry_run=dry_run)
    if as_json:
        render.emit_json(done.as_dict())
        return
    if done.removed:
        render.table(done.to_dicts(), _COLUMNS, "What would go" if dry_run else "What went")
    for remark in done.skipped:
        render.say(remark)
    verb = "would be" if dry_run else "were"
    render.note(f"{len(done.removed)} things, {done.freed / (1 << 20):.1f} MiB, {verb} removed")

"""``engine check``."""

import sys
from typing import TYPE_CHECKING

import click

from engine.cli import render

if TYPE_CHECKING:
    from engine.api import Engine

_COLUMNS = ("name", "state", "subject", "value")


@click.command(
    help="Look at everything, from constraints to free space, and say what to type for each fault. "
    "Nothing is changed or started. Exit code 13 where there is a fault.",
    epilog="Example: engine check --json",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(engine: "Engine", as_json: bool) -> None:
    """Print what was found, faults last, each with what mends it."""
    found = engine.check()
    if as_json:
        render.emit_json(found.as_dict())
        sys.exit(found.exit_code)
    order = {"ok": 0, "warning": 1, "fault": 2}
    rows = sorted(found.to_dicts(), key=lambda row: order[row["state"]])
    render.table(rows, _COLUMNS)
    for one in (*found.warnings, *found.faults):
        if one.remedy:
            render.say(f"{one.state}, {one.subject}: {one.value}\n  try: {one.remedy}")
    for remark in found.remarks_for_reader():
        render.say(remark)
    render.note(f"{len(found.faults)} faults, {len(found.warnings)} warnings")
    sys.exit(found.exit_code)

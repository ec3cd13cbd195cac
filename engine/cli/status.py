"""``engine status``."""

from typing import TYPE_CHECKING

import click

from engine.cli import render

if TYPE_CHECKING:
    from engine.api import Engine

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


@click.command(
    help="Show what the graph holds and how fresh it is.",
    epilog="Example: engine status --json",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(engine: "Engine", as_json: bool) -> None:
    """Print counts, the generation in service and the age of the newest event."""
    status = engine.status()
    if as_json:
        render.emit_json(status.as_dict())
        return
    values = status.as_dict()
    age = values.pop("newest_event_age_seconds")
    values["quarantine"] = ", ".join(f"{code} {rows}" for code, rows in status.quarantine.items())
    values["newest_event_age"] = None if age is None else describe_age(age)
    render.table(
        [{"what": name.replace("_", " "), "value": value} for name, value in values.items()],
        ("what", "value"),
    )
    if status.events == 0:
        render.note("The graph is empty. Next: engine ingest events.csv, or engine demo")
    elif status.serving_generation is None:
        render.note("Nothing is in service yet. Next: engine train && engine publish")


def describe_age(seconds: float) -> str:
    """Say a number of seconds in the unit people would use."""
    if seconds < 0:
        return "in the future"
    for unit, name in ((_DAY, "days"), (_HOUR, "hours"), (_MINUTE, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} seconds"

"""``engine outcomes``."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from engine.cli import render
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.api import Engine

_GROUPS = ("all", "generation", "variant", "list", "position", "day")
_COLUMNS = ("users", "lists", "impressions", "event", "attribution", "events", "value")
_RATES = ("per_list", "value_per_list", "per_impression")


@click.command(
    help="Show what came of the lists that engine serve remembered (remember_lists): how many were "
    "answered, what of them was seen, what was done with it; rates with 95 % intervals by users.",
    epilog="Example: engine outcomes --by position --event purchase --days 14",
)
@click.option("--by", type=click.Choice(_GROUPS), default="all", help="Group the lists.")
@click.option(
    "--event",
    "events",
    multiple=True,
    metavar="KIND",
    help="Kind of event; repeatable.  [default: those that name a list]",
)
@click.option(
    "--days", type=float, default=28.0, show_default=True, help="Lists of the last so many days."
)
@click.option(
    "--within",
    type=float,
    default=7.0,
    show_default=True,
    help="Days after a list in which what is done counts for it.",
)
@click.option(
    "--rule",
    is_flag=True,
    help="Count events that name no list too, for the newest list of the user that has the item.",
)
@click.option(
    "--what-if",
    metavar="TARGET",
    help="Estimate what generation:13, generation:13:mmr=0.7 or serving would have converted, from "
    "lists that were explored.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(
    engine: "Engine",
    by: Any,
    events: tuple[str, ...],
    days: float,
    within: float,
    rule: bool,
    what_if: str | None,
    as_json: bool,
) -> None:
    """Print a row for each group, kind of event and attribution."""
    if what_if is not None:
        if by != "all" or rule or len(events) > 1:
            raise UsageError(
                "--what-if takes one --event, and no --by or --rule", hint="leave those options out"
            )
        _show_what_if(engine, what_if, next(iter(events), None), days, within, as_json)
        return
    found = engine.outcomes(by=by, events=events, days=days, within_days=within, rule=rule)
    if as_json:
        render.emit_json(found.as_dict())
        return
    rows = [
        {by: row["group"], **row, **{name: _interval(row, name) for name in _RATES}}
        for row in found.to_dicts()
    ]
    render.table(rows, (by, *_COLUMNS, *_RATES), f"Lists of the last {days:g} days")
    for remark in found.remarks_for_reader():
        render.note(remark)
    if not rows:
        render.note("No list is remembered. Next: remember_lists = true in engine.toml")


def _show_what_if(
    engine: "Engine", target: str, event: str | None, days: float, within: float, as_json: bool
) -> None:
    found = engine.what_if(target, event=event, days=days, within_days=within)
    if as_json:
        render.emit_json(found.as_dict())
        return
    rows = found.to_dicts()
    render.table(rows, tuple(rows[0]), f"What if {target}: {found.event} per shown item")
    for remark in found.remarks_for_reader():
        render.note(remark)


def _interval(row: Mapping[str, Any], name: str) -> str:
    """Return a rate and its interval, as far as there are any."""
    ratio, low, high = (row.get(f"{name}{end}") for end in ("", "_low", "_high"))
    if ratio is None:
        return "-"
    return f"{ratio:.4f}" if low is None else f"{ratio:.4f} [{low:.4f}, {high:.4f}]"

"""``engine migrate``."""

from typing import TYPE_CHECKING, Any

import click

from engine.cli import render
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.api import Engine
    from engine.api.results import MigrationStatus


@click.command(
    help="Bring the graph's and the registry's schema up to date.",
    epilog="Example: engine migrate --status",
)
@click.option("--status", "show", is_flag=True, help="Show what is applied; change nothing.")
@click.option(
    "--repair", is_flag=True, help="Make constraints and indexes again that somebody dropped."
)
@click.option("--break-lock", is_flag=True, help="Remove the lock a dead migrator left behind.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for another migrator.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(
    engine: "Engine", show: bool, repair: bool, break_lock: bool, wait: float, as_json: bool
) -> None:
    """Migrate, show where the schemas are, make good what was dropped, or break a stale lock."""
    chosen = {"--status": show, "--repair": repair, "--break-lock": break_lock}
    given = [name for name, one in chosen.items() if one]
    if len(given) > 1:
        raise UsageError(
            f"{' and '.join(given)} cannot be asked at once",
            hint=f"choose one: engine migrate {given[0]}, or engine migrate {given[1]}",
        )
    if repair:
        statements = engine.repair_schema(wait_seconds=wait)
        if as_json:
            render.emit_json({"statements": statements})
        else:
            render.note(f"{statements} statements of the migrations were carried out again.")
    elif break_lock:
        _break_lock(engine, as_json)
    elif show:
        _show(engine, as_json)
    else:
        _migrate(engine, wait, as_json)


def _break_lock(engine: "Engine", as_json: bool) -> None:
    holder = engine.break_migration_lock()
    if as_json:
        render.emit_json({"broken": holder is not None})
    elif holder is None:
        render.note("The migration lock is free; there was nothing to break.")
    else:
        render.note(f"Removed the lock of {holder.describe()}. Next: engine migrate")


def _show(engine: "Engine", as_json: bool) -> None:
    found = engine.migration_status()
    rows = _rows(found)
    holder = found.graph.lock
    if as_json:
        render.emit_json({"migrations": rows, "lock": holder and holder.describe()})
        return
    render.table(rows, ("schema", "migration", "state", "applied_at"))
    if holder is not None:
        render.note(f"Locked by {holder.describe()}. If it is dead: engine migrate --break-lock")


def _rows(found: "MigrationStatus") -> list[dict[str, Any]]:
    graph = [
        {
            "schema": "graph",
            "migration": one.name,
            "state": "applied",
            "applied_at": one.applied_at.isoformat(timespec="seconds"),
        }
        for one in found.graph.applied
    ]
    pending = [
        {"schema": "graph", "migration": name, "state": "pending", "applied_at": None}
        for name in found.graph.pending
    ]
    registry = {
        "schema": "registry",
        "migration": found.registry.head,
        "state": "applied" if found.registry.current == found.registry.head else "pending",
        "applied_at": None,
    }
    return [*graph, *pending, registry]


def _migrate(engine: "Engine", wait: float, as_json: bool) -> None:
    report = engine.migrate(wait_seconds=wait)
    if as_json:
        render.emit_json(
            {
                "graph": list(report.graph),
                "registry_before": report.registry_before,
                "registry_after": report.registry_after,
            }
        )
        return
    for name in report.graph:
        render.note(f"graph: applied {name}")
    if report.registry_before != report.registry_after:
        render.note(f"registry: {report.registry_before or 'empty'} -> {report.registry_after}")
    render.note("Both schemas are up to date.")

"""``engine runs``: list the training runs and show one."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from engine.cli import render
from engine.config import Settings

if TYPE_CHECKING:
    from engine.store.registry_records import Run

_LIMIT = 20
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_limit = click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=_LIMIT,
    show_default=True,
    help="How many of the newest runs.",
)


@click.group(
    invoke_without_command=True,
    help="List training runs and show one.",
    epilog="Example: engine runs show 1 --json",
)
@_json
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the runs when no subcommand is named."""
    if ctx.invoked_subcommand is None:
        _print_list(ctx.obj, _LIMIT, as_json)


@command.command("list", epilog="Example: engine runs list --limit 5")
@_limit
@_json
@click.pass_obj
def list_command(settings: Settings, limit: int, as_json: bool) -> None:
    """List the newest runs, newest first."""
    _print_list(settings, limit, as_json)


@command.command("show", epilog="Example: engine runs show 1")
@click.argument("run_id", type=int, metavar="ID")
@_json
@click.pass_obj
def show_command(settings: Settings, run_id: int, as_json: bool) -> None:
    """Show one run: settings, data, metrics, duration, code version."""
    from engine.pipeline.status import show_run

    run = show_run(settings, run_id)
    if as_json:
        render.emit_json(_plain(run))
        return
    values = _plain(run)
    metrics, given = values.pop("metrics"), values.pop("settings")
    rows = [{"name": name, "value": value} for name, value in values.items()]
    rows += [{"name": f"setting {name}", "value": value} for name, value in given.items()]
    rows += [{"name": f"metric {name}", "value": value} for name, value in metrics.items()]
    render.table(rows, ("name", "value"), title=f"run {run.id}")


def _print_list(settings: Settings, limit: int, as_json: bool) -> None:
    from engine.pipeline.status import list_runs

    runs = list_runs(settings, limit=limit)
    if as_json:
        render.emit_json([_plain(run) for run in runs])
        return
    if not runs:
        render.note("No run yet. Next: engine train")
        return
    rows = [_plain(run) | {"metrics": _brief(run)} for run in runs]
    render.table(rows, ("id", "model", "status", "started_at", "seconds", "metrics"))


def _plain(run: "Run") -> dict[str, Any]:
    ended = run.finished_at
    return asdict(run) | {
        "started_at": run.started_at.isoformat(timespec="seconds"),
        "finished_at": None if ended is None else ended.isoformat(timespec="seconds"),
    }


def _brief(run: "Run") -> str:
    known = {name: value for name, value in run.metrics.items() if value is not None}
    return ", ".join(f"{name}={value:.4f}" for name, value in known.items())

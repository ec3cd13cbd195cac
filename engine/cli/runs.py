"""``engine runs``: list the training runs and show one."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from engine.cli import render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.api import Engine
    from engine.api.results import Run

_LIMIT = 20
_JUDGED = "ndcg@20"
_SHOWN = ("recall@20", _JUDGED, "hit@20", "mrr@20", "map@20", "coverage@20")
_GAP = f"blend - method, {_JUDGED}"
_MODES = {"unseen": "New items only", "seen": "Seen items allowed"}
_NESTED = 2
_BRIEF = {
    "valid.ndcg@20": "validation",
    "unseen.blend.ndcg@20": "new items",
    "seen.blend.ndcg@20": "seen allowed",
}
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
    help="List training runs and show one. The figures of the list are ndcg@20: of the model "
    "beside popularity on validation, of the blend on test.",
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
def list_command(engine: "Engine", limit: int, as_json: bool) -> None:
    """List the newest runs, newest first."""
    _print_list(engine, limit, as_json)


@command.command("show", epilog="Example: engine runs show 1")
@click.argument("run_id", type=int, metavar="ID")
@_json
@click.pass_obj
def show_command(engine: "Engine", run_id: int, as_json: bool) -> None:
    """Show one run: settings, data, metrics, duration, code version."""
    run = engine.run(run_id)
    if as_json:
        render.emit_json(_plain(run))
        return
    values = _plain(run)
    metrics, given = values.pop("metrics"), values.pop("settings")
    render.table(_pairs(values), ("name", "value"), f"Run {run.id}")
    render.table(_pairs(given), ("name", "value"), "Settings")
    for mode, title in _MODES.items():
        if rows := _methods(metrics, mode):
            render.table(rows, ("method", *_SHOWN, _GAP), title)
    others = {name: value for name, value in metrics.items() if name.count(".") < _NESTED}
    render.table(_pairs(others), ("name", "value"), "Other figures")


def _print_list(engine: "Engine", limit: int, as_json: bool) -> None:
    runs = engine.runs(limit)
    if as_json:
        render.emit_json([_plain(run) for run in runs])
        return
    if not runs:
        render.note("No run yet. Next: engine train")
        return
    rows = [
        asdict(run) | {"started": f"{run.started_at:%Y-%m-%d %H:%M}"} | _brief(run.metrics)
        for run in runs
    ]
    columns = ("id", "model", "seed", "status", "started", "seconds", *_BRIEF.values())
    render.table(rows, columns)


def _plain(run: "Run") -> dict[str, Any]:
    ended = run.finished_at
    return asdict(run) | {
        "started_at": run.started_at.isoformat(timespec="seconds"),
        "finished_at": None if ended is None else ended.isoformat(timespec="seconds"),
    }


def _pairs(values: "Mapping[str, Any]") -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _brief(metrics: "Mapping[str, float | None]") -> dict[str, float | None]:
    return {title: metrics.get(name) for name, title in _BRIEF.items()}


def _methods(metrics: "Mapping[str, float | None]", mode: str) -> list[dict[str, Any]]:
    """Return a row per method of one kind of list: its figures, and how the blend compares."""
    found: dict[str, dict[str, Any]] = {
        parts[1]: {"method": parts[1]}
        for parts in (name.split(".") for name in metrics)
        if len(parts) > _NESTED and parts[0] == mode and not parts[1].startswith("blend-")
    }
    for method, row in found.items():
        row |= {name: metrics.get(f"{mode}.{method}.{name}") for name in _SHOWN}
        gap = f"{mode}.blend-{method}.{_JUDGED}"
        low, high = metrics.get(f"{gap}.low"), metrics.get(f"{gap}.high")
        if low is not None and high is not None:
            row[_GAP] = f"{metrics[gap]:+.4f} [{low:+.4f}, {high:+.4f}]"
    return sorted(found.values(), key=lambda row: -(row[_JUDGED] or 0))

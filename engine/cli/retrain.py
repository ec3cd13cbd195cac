"""``engine retrain``."""

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli import render
from engine.cli.name_value import pairs
from engine.cli.read_options import read_options, taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.api import Engine, NightOptions
    from engine.api.results import NightSummary


PROTOCOLS = ("window", "next-basket", "next-item")
_FEWEST_USERS = 50


def _days(_: click.Context, __: click.Parameter, text: str) -> float | None:
    """Return days, None for never."""
    if text == "never":
        return None
    try:
        days = float(text)
    except ValueError:
        days = math.nan
    if not days >= 0:
        raise click.BadParameter(f"{text!r} is neither a number of days, 0 or more, nor never")
    return days


def _at_least_the_floor(_: click.Context, __: click.Parameter, users: int) -> int:
    """Return how many users are asked for; a job from before the floor still has its night."""
    if users < _FEWEST_USERS:
        render.note(
            f"--min-users {users}: over fewer than {_FEWEST_USERS} users a winner is chance, so "
            f"{_FEWEST_USERS} are asked for."
        )
    return max(users, _FEWEST_USERS)


@click.command(
    help="One night: load the files that wait, refresh the graphs between items, train candidates, "
    "judge them on the newest days, and let one serve only if it beats every plain method outside "
    "the noise, and what serves now too: see --level-after. Interrupted, the same command goes on "
    "at its step. Where most events have no time, a random hold-out takes the place of the newest "
    "days.\n\n"
    "Exit codes: 0 promoted, 10 the old generation serves on, 11 nothing new, 12 a file was held "
    "back (whatever became of the rest), 9 another night is running, 2 to 8 errors. "
    "docs/nightly.md has cron, systemd and Airflow.",
    epilog="Example: engine retrain --from /srv/exports --model lightgcn --model als --json\n\n"
    "Example: engine retrain --from /srv/exports --protocol next-basket --window-days 14\n\n"
    "Example: engine retrain --model sasrec --protocol next-item --no-ranker --dry-run",
)
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of waiting files, or folders of part files: items…, users…, facts…, any other "
    "name is events. What is loaded moves to done/ in it; what is not fit stays, with its reason "
    "beside it.",
)
@read_options
@click.option(
    "--model", "models", multiple=True, default=("lightgcn",), show_default=True, metavar="NAME"
)
@click.option(
    "--set",
    "settings_given",
    multiple=True,
    metavar="[MODEL.]NAME=VALUE",
    help="Change a setting of all candidates or of one; repeatable.",
)
@click.option(
    "--protocol",
    type=click.Choice(PROTOCOLS),
    default="window",
    show_default=True,
    help="What is held out, and everything is judged on. window: the newest days. next-basket: the "
    "last basket that each user began in them. next-item: each user's last event; what serves is "
    "then trained once more, and there is no ranker. There is one cut: what serves has learned all "
    "that lies before the newest. docs/protocols.md",
)
@click.option(
    "--window",
    "--window-days",
    "window_days",
    type=click.FloatRange(min=0, min_open=True),
    metavar="DAYS",
    help="Days that are held out, of the protocols window and next-basket; a fifth of all events "
    "at most. [default: 7]",
)
@click.option(
    "--level-after",
    callback=_days,
    default="7",
    show_default=True,
    metavar="DAYS|never",
    help="Once what serves is so old, a candidate need not beat it, only not be worse.",
)
@click.option(
    "--min-users",
    default=_FEWEST_USERS,
    show_default=True,
    type=click.IntRange(min=1),
    callback=_at_least_the_floor,
    help="With fewer users in the window nothing can be told, and nothing is promoted; less than "
    "50 is taken for 50.",
)
@click.option(
    "--ranker/--no-ranker",
    default=True,
    show_default=True,
    help="Train what ranks the candidates of several sources (LightGBM) for each model.",
)
@click.option("--cold", is_flag=True, help="Do not start from the vectors of the last night.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0))
@click.option(
    "--online-gate",
    is_flag=True,
    help="What passes the gate goes on trial with online_gate_share per cent of the users first; "
    "engine experiment decide, or the next night, promotes it or rolls it back. docs/nightly.md",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done and do nothing.")
@click.option("--nights", "history", is_flag=True, help="List the nights there were.")
@click.option(
    "--break-lock", is_flag=True, help="Remove the lock of a night whose machine is gone."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(
    engine: "Engine",
    /,
    as_json: bool,
    dry_run: bool,
    history: bool,
    break_lock: bool,
    **given: Any,
) -> None:
    """Carry out one night."""
    if history:
        _list(engine.nights().to_dicts(), as_json)
        return
    if break_lock:
        holder = engine.break_night_lock()
        render.note("No lock was held." if holder is None else f"Removed: {holder.describe()}")
        return
    options = _options(given)
    if dry_run:
        _show_plan(engine.plan_night(**options), as_json)
        return
    for said in engine.files_held_back(**options):
        render.note(said)
    summary = engine.retrain(**options)
    _show(summary, as_json)
    sys.exit(summary.exit_code)


def _options(given: dict[str, Any]) -> "NightOptions":
    return {
        "folder": given["folder"],
        "models": given["models"],
        "settings": pairs(given["settings_given"], "--set", "epochs=20"),
        "protocol": given["protocol"],
        "window_days": given["window_days"],
        "level_after": given["level_after"],
        "min_users": given["min_users"],
        "ranker": given["ranker"],
        "warm": not given["cold"],
        "seed": given["seed"],
        "online_gate": given["online_gate"],
        "reading": taken(given),
    }


def _show(summary: "NightSummary", as_json: bool) -> None:
    if as_json:
        render.emit_json(summary.as_dict())
        return
    rows = [{"what": name} | dict(figures) for name, figures in summary.measured.items()]
    if rows:
        judged = f", judged by {summary.window['protocol']}"
        render.table(rows, ("what", "ndcg@20", "coverage"), f"Night {summary.night}{judged}")
    for cause in summary.causes:
        render.say(cause)
    _show_notes(summary.files)
    if summary.generation is None:
        render.say("Nothing is in service yet.")
        return
    said = {
        "promoted": f"Generation {summary.generation} is in service.",
        "plain-promoted": f"Generation {summary.generation}, a plain method, is in service.",
        "on-trial": f"Generation {summary.generation} serves on; {summary.trial} runs.",
        "kept": f"Generation {summary.generation} serves on.",
        "nothing-new": "Nothing was trained.",
    }[summary.outcome]
    render.say(f"{said} Night {summary.night} took {summary.seconds:.0f} s.")


def _show_plan(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        render.emit_json(found)
        return
    if found["files"]:
        columns = ("file", "kind", "parts", "read", "without_time", "held", "message")
        render.table(found["files"], columns, "Waiting files")
        _show_notes(found["files"])
    rows = [
        {"what": name, "value": _listed(value) if isinstance(value, list) else value}
        for name, value in found.items()
        if name != "files"
    ]
    render.table(rows, ("what", "value"), "A night would")


def _listed(values: list[Any]) -> str | None:
    return ", ".join(map(str, values)) or None


def _show_notes(files: "Iterable[Mapping[str, Any]]") -> None:
    """Show how files were read, where they do not say it themselves."""
    for one in files:
        for note in one.get("notes", ()):
            render.note(f"{one['file']}: {note}")


def _list(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        render.emit_json(rows)
        return
    if not rows:
        render.note("No night yet. Next: engine retrain")
        return
    for row in rows:
        row["last step"] = row["steps"][-1] if row["steps"] else None
    render.table(rows, ("id", "status", "outcome", "started_at", "finished_at", "last step"))

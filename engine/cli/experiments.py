"""``engine experiment``: variants of lists, compared on users."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli import render
from engine.cli.name_value import literal_pairs, read_number

if TYPE_CHECKING:
    from engine.api import Engine

_METRICS = ("conversion", "value", "conversions-per-user", "value-per-user")
_COLUMNS = ("name", "state", "layer", "traffic", "variants", "metric", "started_at", "winner")
_FROM = click.option(
    "--from",
    "path",
    type=click.Path(path_type=Path),
    required=True,
    help="File of user, variant, shown, conversions and value.",
)
_SUMS = click.option(
    "--from",
    "path",
    type=click.Path(path_type=Path),
    help="File of user, variant, shown, conversions and value.  [default: remembered lists]",
)
_METRIC = click.option(
    "--metric",
    type=click.Choice(_METRICS),
    default="conversion",
    show_default=True,
    help="What is divided by what: per shown item, or per user.",
)


@click.group(
    help="Compare generations and lists on users: start, list, report, check, interleaving, "
    "decide, stop."
)
def command() -> None:
    """Group of the experiments' commands."""


@command.command(
    help="Start experiment NAME: users are assigned from now on, the same user always alike.",
    epilog="Example: engine experiment start diversity --variant a=serving "
    "--variant b=serving:mmr=0.7 --share 50/50\n\nExample: engine experiment start ranker "
    "--variant a=serving --variant b=generation:13 --interleave",
)
@click.argument("name")
@click.option(
    "--variant",
    "variants",
    multiple=True,
    required=True,
    help="NAME=generation:N, NAME=generation:N:OPTION=VALUE, NAME=serving:OPTION=VALUE, "
    "NAME=list:LIST or holdout; the first is the control.",
)
@click.option("--share", help="Of the variants in per cent, such as 50/50; if not given: equal.")
@_METRIC
@click.option(
    "--layer",
    default="recommendations",
    show_default=True,
    help="Experiments of one layer have no user in common.",
)
@click.option(
    "--traffic", type=float, default=100.0, show_default=True, help="Per cent of the layer's users."
)
@click.option("--days", type=int, help="Look once, after so many days; if not given: at any time.")
@click.option(
    "--interleave",
    is_flag=True,
    help="Show every user both of two variants, as one list (team draft): fewer users tell which "
    "is preferred.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def start(
    engine: "Engine",
    /,
    name: str,
    variants: tuple[str, ...],
    share: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Start an experiment."""
    written = ["holdout=holdout" if text == "holdout" else text for text in variants]
    described = literal_pairs(written, "--variant", "b=generation:13")
    shares = [read_number(one, "--share", "50/50") for one in share.split("/")] if share else []
    started = engine.start_experiment(name, described, shares=shares, **options)
    if as_json:
        render.emit_json(_row(started))
        return
    said = ", ".join(
        str(one) if started.interleaved else f"{one} ({one.share:g} %)" for one in started.variants
    )
    said = f"{said}, as one list" if started.interleaved else said
    render.note(f"{name} runs on {started.traffic:g} % of the layer {started.layer}: {said}.")


@command.command(
    "list",
    help="Show every experiment there was, newest first.",
    epilog="Example: engine experiment list --json",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_experiments(engine: "Engine", as_json: bool) -> None:
    """List experiments."""
    rows = [_row(one) for one in engine.experiments()]
    if as_json:
        render.emit_json(rows)
        return
    render.table([row | {"variants": " ".join(row["variants"])} for row in rows], _COLUMNS)
    if not rows:
        render.note(
            "No experiment yet. Next: engine experiment start NAME --variant a=serving "
            "--variant b=generation:13"
        )


@command.command(
    help="Show the rate of each variant of NAME and how far it lies from the control, by user; of "
    "one that interleaves, whose items users chose.",
    epilog="Example: engine experiment report diversity --event purchase",
)
@click.argument("name")
@_SUMS
@click.option(
    "--event",
    metavar="KIND",
    help="Of remembered lists: the conversion.  [default: the only kind that names a list]",
)
@click.option(
    "--within",
    "within_days",
    type=float,
    help="Of remembered lists: days in which what is done counts.  [default: 7]",
)
@click.option(
    "--effect",
    type=click.FloatRange(0, 1_000, min_open=True),
    default=5.0,
    show_default=True,
    help="Per cent: how many users it takes to see such an effect.",
)
@click.option("--users-a-day", type=click.FloatRange(0, min_open=True), help="New users a day.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def report(
    engine: "Engine",
    /,
    name: str,
    path: Path | None,
    effect: float,
    as_json: bool,
    **options: Any,
) -> None:
    """Report on an experiment; a look before the end is counted."""
    found = engine.experiment_report(name, path, effect=effect / 100.0, **options)
    if as_json:
        render.emit_json(found.as_dict())
        return
    rows = found.to_dicts()
    render.table(rows, tuple(rows[0]), f"{name}: {found.metric}")
    for remark in found.remarks:
        render.say(remark)


@command.command(
    help="Split the users of a file at random 1,000 times (A/A): few halves may look different.",
    epilog="Example: engine experiment check --from sums.csv --metric value",
)
@_FROM
@_METRIC
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def check(engine: "Engine", path: Path, metric: Any, as_json: bool) -> None:
    """Check that a metric finds nothing where nothing is."""
    found = engine.check_metric(path, metric=metric)
    if as_json:
        render.emit_json(vars(found) | {"sound": found.sound})
        return
    verdict = "as it should" if found.sound else "too often: do not judge by this metric"
    render.say(
        f"{found.significant:.1%} of {found.splits} A/A splits are significant, "
        f"{found.expected:.0%} may be: {verdict}."
    )


@command.command(
    help="Tell from which of two interleaved lists users chose more, by a sign test over users.",
    epilog="Example: engine experiment interleaving --from credits.csv",
)
@click.option(
    "--from",
    "path",
    type=click.Path(path_type=Path),
    required=True,
    help="File of user and of what was chosen of each list: a, b.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def interleaving(engine: "Engine", path: Path, as_json: bool) -> None:
    """Compare two lists that were shown as one."""
    found = engine.compare_interleaved(path)
    if as_json:
        render.emit_json(vars(found))
        return
    render.say(
        f"{found.for_b} users chose more of b, {found.for_a} of a, {found.ties} as much of both: "
        f"{found.preference:.1%} for b (of those who chose: {found.low:.1%} to {found.high:.1%}, "
        f"p = {found.p:.2g})."
    )


@command.command(
    help="Decide on the candidates of engine retrain --online-gate: promote one that is not worse, "
    "roll back one that is; for cron, every hour.",
    epilog="Example: engine experiment decide --json",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def decide(engine: "Engine", as_json: bool) -> None:
    """Decide on trials."""
    found = engine.decide_trials().to_dicts()
    if as_json:
        render.emit_json(found)
        return
    render.table(found, ("experiment", "generation", "state", "why"))
    if not found:
        render.note("No candidate is on trial. Next: engine retrain --online-gate")


@command.command(
    help="End experiment NAME; a winner that is a generation goes into service.",
    epilog="Example: engine experiment stop diversity --winner b",
)
@click.argument("name")
@click.option("--winner", help="The variant that is to serve everybody.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def stop(engine: "Engine", name: str, winner: str | None, as_json: bool) -> None:
    """Stop an experiment."""
    done = engine.stop_experiment(name, winner=winner)
    if as_json:
        render.emit_json(_row(done.experiment) | {"promoted": done.promoted, "remark": done.remark})
        return
    render.note(f"{name} has ended; its users are free for another experiment.")
    if done.promoted is not None:
        render.note(f"Generation {done.promoted} is in service.")
    if done.remark:
        render.note(done.remark)


def _row(one: Any) -> dict[str, Any]:
    """Return what is shown of an experiment: all but the secret of its layer."""
    kept = {name: value for name, value in vars(one).items() if name != "secret"}
    return kept | {
        "trial": one.trial and asdict(one.trial),
        "state": "running" if one.stopped_at is None else "stopped",
        "traffic": one.traffic,
        "variants": [f"{variant}@{variant.share:g}" for variant in one.variants],
    }

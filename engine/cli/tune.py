"""``engine tune``."""

from typing import TYPE_CHECKING, Any

import click

from engine.cli import render
from engine.cli.name_value import pairs
from engine.cli.protocol_options import judging, protocol_options
from engine.cli.read_options import taken
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.api import Engine
    from engine.api.results import TuneReport

_SHOWN = 10


@click.command(
    help="Search a model's settings by their effect on validation; the test part is never looked "
    "at: of the protocols window and next-basket, the window before the oldest of 4 cuts "
    "validates. With --cuts N a trial is the mean over N windows before the oldest of N cuts: N "
    "trainings in place of one. Over fewer than 50 users no trial wins, and the defaults stand.\n\n"
    "The first trial is the defaults, the others are proposed by Optuna's TPE, and one that lags "
    "behind is cut short. No trial is begun after the budget; every finished one is kept, and "
    "--resume goes on.",
    epilog="Example: engine tune --model lightgcn --minutes 30 --set epochs=20\n\n"
    "Example: engine tune --ranker 3 --minutes 10\n\n"
    "Example: engine tune --model als --protocol window --window-days 14 --cuts 2\n\n"
    "Example: engine tune --model als --protocol next-basket --cuts 3 --trials 20",
)
@click.option("--model", default="lightgcn", show_default=True, metavar="NAME", help="Which model.")
@click.option(
    "--ranker",
    "ranker_of",
    type=click.IntRange(min=1),
    metavar="RUN",
    help="In place of a model, search the ranker of a finished run, on the last of its windows.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    help="Begin no trial after so many.",
)
@click.option(
    "--trials",
    type=click.IntRange(min=1),
    help="Begin none after so many finished ones, those before --resume included.",
)
@click.option("--resume", is_flag=True, help="Go on with the newest such search.")
@click.option(
    "--set", "fixed", multiple=True, metavar="NAME=VALUE", help="Fix a setting; repeatable."
)
@click.option("--list-space", is_flag=True, help="Show where each setting is searched for.")
@protocol_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(engine: "Engine", /, list_space: bool, as_json: bool, **given: Any) -> None:
    """Search the settings of a model, or of a ranker."""
    budget = {name: given[name] for name in ("minutes", "trials", "resume")}
    fixed = pairs(given["fixed"], "--set", "epochs=20")
    if list_space:
        rows = engine.search_space(given["model"], fixed).to_dicts()
        if as_json:
            render.emit_json(rows)
        else:
            render.table(rows, ("name", "searched"))
        return
    if given["ranker_of"] is not None:
        _refuse_what_the_run_has(given)
        found = engine.tune_ranker(given["ranker_of"], **budget)
    else:
        found = engine.tune(
            given["model"],
            given["data"],
            settings=fixed,
            reading=taken(given),
            **budget,
            **judging(given),
        )
    if as_json:
        render.emit_json(found.as_dict())
    else:
        _show(found)


_WEEKS = (
    "a ranker is searched on the weeks before its run's newest cut, those that engine train "
    "chooses it by"
)
_OF_THE_RUN = {
    **dict.fromkeys(("protocol", "cuts", "window_days", "split", "relevant_from", "data"), _WEEKS),
    "model": "its run has a model",
    "seed": "its run has a seed",
    "fixed": "every setting of a ranker is searched, and its run has those of the model",
}


def _refuse_what_the_run_has(given: dict[str, Any]) -> None:
    """Refuse what says how a model is made and judged: a run has said it for its ranker.

    Raises:
        UsageError: Some of it is given.
    """
    usual = {"protocol": "split", "split": "auto", "model": "lightgcn", "seed": 0, "fixed": ()}
    for name, why in _OF_THE_RUN.items():
        if given[name] != usual.get(name):
            flag = "set" if name == "fixed" else name.replace("_", "-")
            raise UsageError(
                f"--{flag} is not for --ranker: {why}",
                hint="leave it out, or train another run by it: engine train",
            )


def _show(found: "TuneReport") -> None:
    rows: list[dict[str, Any]] = [
        {
            "trial": number,
            "validation": one.metric,
            "state": one.state,
            "seconds": round(one.seconds, 1),
            "settings": " ".join(f"{name}={text}" for name, text in one.settings.items()),
        }
        for number, one in enumerate(found.trials, start=1)
    ]
    rows.sort(key=lambda row: (row["state"] != "finished", -(row["validation"] or 0.0)))
    render.table(
        rows[:_SHOWN],
        ("trial", "validation", "state", "seconds", "settings"),
        f"The best of {len(rows)} trials, by ndcg@20 on validation",
    )
    default = "" if found.default_metric is None else f"; the defaults {found.default_metric:.4f}"
    for remark in found.remarks:
        render.note(remark)
    if found.few_users:
        render.say(f"No trial wins, the defaults stand: {found.few_users}")
        render.say(f"All trials: {found.file}")
    else:
        render.say(f"Best {found.best.metric:.4f}{default}. All trials: {found.file}")
    render.say(found.command)

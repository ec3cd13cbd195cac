"""``engine train``."""

from typing import TYPE_CHECKING, Any

import click

from engine.cli import render
from engine.cli.name_value import pairs
from engine.cli.protocol_options import (
    cut_options,
    judging,
    metrics_shown,
    relevance_option,
)

if TYPE_CHECKING:
    from engine.api import Engine
    from engine.api.results import RankerReport, TrainReport

_LONGEST = {"next-item": 10}


@click.command(
    help="Train a model, compare it with plain methods and item k-NN on events it has "
    "not seen, and keep it for publish. Ctrl-C saves; --resume continues to the same bits.\n\n"
    "Three trainings: one finds how long to train and how to blend, one is judged on the test "
    "part, one on all events is published. The first two are done at every cut of the protocol; "
    "validation is cut from what lies before a cut alike.\n\n"
    "Then a ranker learns from the weeks before the newest cut to put the candidates of all "
    "sources in order. It serves where it beats the blend on the last of these weeks, outside the "
    "noise.",
    epilog="Example: engine train --set loss=bpr --set layers=2 --seed 7\n\n"
    "Example: engine train --model als --protocol window --cuts 2\n\n"
    "Example: engine train --model als --protocol next-basket --window-days 14",
)
@click.option("--model", default="lightgcn", show_default=True, help="Which model.", metavar="NAME")
@click.option(
    "--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Change a setting; repeatable."
)
@click.option(
    "--text",
    "texts",
    multiple=True,
    metavar="NAME",
    help="An attribute that a model of features reads as a text, such as description; repeatable. "
    "Short for --set texts=NAME,NAME.",
)
@click.option("--list-settings", is_flag=True, help="Show every setting, its range and meaning.")
@cut_options
@relevance_option
@click.option("--resume", is_flag=True, help="Continue the interrupted run of these settings.")
@click.option(
    "--refit/--no-refit",
    default=True,
    show_default=True,
    help="After the test, train once more on all events; that one is published.",
)
@click.option(
    "--ranker/--no-ranker",
    default=True,
    show_default=True,
    help="Afterwards, train what ranks the candidates of several sources (LightGBM).",
)
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="How many train it, each with a part of the users and of every table.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(engine: "Engine", /, list_settings: bool, as_json: bool, **flags: Any) -> None:
    """Train, evaluate and keep a model."""
    if list_settings:
        _show_settings(engine, flags["model"], as_json)
        return
    given = pairs(flags["pairs"], "--set", "epochs=20")
    if flags["texts"]:
        given = {**given, "texts": ",".join(flags["texts"])}
    run = engine.train(
        flags["model"],
        settings=given,
        refit=flags["refit"],
        ranker=flags["ranker"],
        resume=flags["resume"],
        processes=flags["processes"],
        **judging(flags),
    )
    if as_json:
        _emit(run.report, run.ranker)
    else:
        _show(run.report, run.ranker, flags["protocol"])


def _show_settings(engine: "Engine", model: str, as_json: bool) -> None:
    rows = engine.model_settings(model).to_dicts()
    if as_json:
        render.emit_json(rows)
    else:
        render.table(rows, ("name", "default", "allowed", "help"))


def _emit(done: "TrainReport", ranked: "RankerReport | None") -> None:
    result = done.result
    render.emit_json(
        {
            "run": done.run_id,
            "checkpoint": done.checkpoint,
            "seconds": round(_seconds(done, ranked), 1),
            "data_watermark": done.data_watermark,
            "popularity_weight": result.blend.popularity_weight,
            "again_weight": result.blend.again_weight,
            "half_life_days": result.blend.half_life_days,
            "verdicts": result.verdicts(),
            "remarks": list(done.remarks),
            "ranker": None if ranked is None else ranked.message,
            "metrics": result.metrics() | ({} if ranked is None else dict(ranked.metrics)),
        }
    )


def _seconds(done: "TrainReport", ranked: "RankerReport | None") -> float:
    return done.seconds + (0 if ranked is None else ranked.seconds)


def _show(done: "TrainReport", ranked: "RankerReport | None", protocol: str) -> None:
    result = done.result
    for seen, title in ((False, "New items only"), (True, "Seen items allowed")):
        asked = [one for one in result.comparisons if one.seen is seen]
        if asked:
            shown = [name for name in _columns(protocol) if name in asked[0].means]
            rows = [
                {"method": one.method} | {name: one.means[name] for name in shown} for one in asked
            ]
            render.table(rows, ("method", *shown), title)
    for line in result.verdicts():
        render.say(line)
    if ranked is not None:
        for line in ranked.lines():
            render.say(line)
    for remark in done.remarks:
        render.note(remark)
    render.say(f"Run {done.run_id} took {_seconds(done, ranked):.0f} s. Next: engine publish")


def _columns(protocol: str) -> list[str]:
    """Return the metrics of the table; without baskets and single items those of any ranking."""
    k = _LONGEST.get(protocol, 20)
    if protocol in ("split", "window"):
        return [f"{metric}@{k}" for metric in ("recall", "ndcg", "hit", "mrr", "map", "coverage")]
    return [*metrics_shown(protocol, k), f"coverage@{k}"]

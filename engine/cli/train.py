"""``engine train``."""

from typing import TYPE_CHECKING, Any

import click

from engine.cli import neo4j_start, render
from engine.cli.name_value import pairs
from engine.cli.progress import progress_reporter
from engine.cli.protocol_options import (
    chosen_protocol,
    cut_options,
    metrics_shown,
    relevance_option,
)

if TYPE_CHECKING:
    from engine.config import Settings
    from engine.usecases.modelling import Progress, RankerReport, TrainingRequest, TrainReport

_STAGES = {
    "search": "Training, with validation",
    "test": "Training, for the test",
    "final": "Training, on everything",
}
_LONGEST = {"next-item": 10}


@click.command(
    help="Train a model, compare it with popularity, item k-NN and buy-it-again on events it has "
    "not seen, and keep it for publish. Ctrl-C saves; --resume continues to the same bits.\n\n"
    "Three trainings: one finds how long to train and how to blend, one is judged on the test "
    "part, one on all events is published. The first two are done at every cut of the protocol; "
    "validation is cut from what lies before a cut alike.\n\n"
    "Then a ranker learns from four weeks before the newest cut to put the candidates of all "
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
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(settings: "Settings", /, list_settings: bool, as_json: bool, **flags: Any) -> None:
    """Train, evaluate and keep a model."""
    if list_settings:
        _show_settings(flags["model"], as_json)
        return
    from engine.usecases.modelling import TrainingInterrupted, train, train_ranker

    request = _request(flags)
    request.configs()  # a wrong setting is refused before a database is started
    neo4j_start.ready(settings)
    with progress_reporter() as progress:

        def report(stage: str, now: "Progress") -> None:
            metric = "" if now.metric is None else f", ndcg@20 {now.metric:.4f}"
            detail = f"epoch {now.epoch}, loss {now.loss:.4f}{metric}"
            progress.update(_STAGES[stage], now.step, now.steps, unit="steps", detail=detail)

        try:
            done = train(
                settings,
                request,
                resume=flags["resume"],
                report=report,
                phase=progress.update,
                for_ranker=flags["ranker"],
            )
        except TrainingInterrupted as stop:
            if not stop.saved:
                raise
            raise KeyboardInterrupt("Saved. Go on with the same command and --resume.") from None
        ranked = None
        if flags["ranker"]:
            ranked = train_ranker(
                settings, request, done.run_id, report=progress.update, pulled=done.pulled
            )
    if as_json:
        _emit(done, ranked)
    else:
        _show(done, ranked, flags["protocol"])


def _request(flags: dict[str, Any]) -> "TrainingRequest":
    from engine.usecases.modelling import TrainingRequest

    given = pairs(flags["pairs"], "--set", "epochs=20")
    if flags["texts"]:
        given = {**given, "texts": ",".join(flags["texts"])}
    return TrainingRequest(
        flags["model"],
        given,
        flags["split"],
        seed=flags["seed"],
        refit=flags["refit"],
        relevant_from=flags["relevant_from"],
        protocol=chosen_protocol(flags),
    )


def _show_settings(model: str, as_json: bool) -> None:
    from engine.usecases.modelling import describe_settings

    rows = describe_settings(model)
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
            "seconds": round(done.seconds, 1),
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
    render.say(f"Run {done.run_id} took {done.seconds:.0f} s. Next: engine publish")


def _columns(protocol: str) -> list[str]:
    """Return the metrics of the table; without baskets and single items those of any ranking."""
    k = _LONGEST.get(protocol, 20)
    if protocol in ("split", "window"):
        return [f"{metric}@{k}" for metric in ("recall", "ndcg", "hit", "mrr", "map", "coverage")]
    return [*metrics_shown(protocol, k), f"coverage@{k}"]

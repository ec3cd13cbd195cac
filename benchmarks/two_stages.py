"""Two stages against what is served without them, and against every plain method, week by week.

    python -m benchmarks.two_stages HOME --cuts 4 --model lightgcn --seed 0

HOME is a home of the engine whose graph holds the shop (``engine --home HOME ingest …``). For each
of the cuts: the model is trained on what lies before it, as a night trains it; a ranker is learned
from the four weeks before; two stages, the blend and the plain methods are asked what each user
takes in the next 7 days, and what is in the last basket that each user begins in them. Figures are
pooled over the cuts; intervals are over users and cuts.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine import config
from engine.connections.session import open_graph, open_registry
from engine.data.interactions import Interactions
from engine.errors import DataError
from engine.evaluation.baselines import BASELINES
from engine.evaluation.evaluation_setup import difference, pooled, questions_of
from engine.evaluation.protocols import EvaluationTask, NextBasket, Window
from engine.evaluation.protocols.cuts import day
from engine.evaluation.protocols.window import usable_cuts
from engine.evaluation.ranked_score import ranked_scorer
from engine.evaluation.ranking import RankingTask, UserScorer, top
from engine.evaluation.repeat_explore import PARTS, parts_of
from engine.experiments import experiment
from engine.experiments.pulled_data import gather
from engine.experiments.ranker_training import blend_score
from engine.experiments.train import judged_model, trained
from engine.experiments.train_ranker import RankedModel, RankerExperiment
from engine.experiments.training_request import TrainingRequest
from engine.publishing.generations import one_at_a_time
from engine.training import seed

_DAY_MS = 86_400_000
_K = (10, 20)
_BASKET = ("ndcg@10", "ndcg@20", "recall@10", "recall@20", "hit@10")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--model", default="lightgcn")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--cuts", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--before", type=int, default=0, help="Weeks to leave out at the end.")
    given = parser.parse_args()
    settings = config.load(home=given.home)
    with (
        one_at_a_time(settings),
        open_registry(settings) as registry,
        open_graph(settings) as graph,
    ):
        texts = dict(one.split("=", 1) for one in given.set)
        request = TrainingRequest(given.model, texts, seed=given.seed, refit=False)
        material = gather(graph, request.wants(), by_basket=True)
        events = material.events
        found = usable_cuts(events, 7, given.cuts + given.before)[: given.cuts]
        baskets = NextBasket(7, given.cuts + given.before).tasks(events, _draw, material.baskets)
        judged: list[tuple[EvaluationTask, dict[str, UserScorer]]] = []
        last: list[tuple[EvaluationTask, dict[str, UserScorer]]] = []
        for cut, basket in zip(found, baskets, strict=False):
            asked = replace(request, protocol=Window(7, 1, cut + 7 * _DAY_MS))
            began = time.monotonic()
            with tempfile.TemporaryDirectory() as folder:
                result = experiment.run(material, asked, Path(folder))
            print(f"{day(cut)} trained in {time.monotonic() - began:.0f} s", flush=True)
            (task,) = asked.tasks(material)
            twin = judged_model(trained(result, material, asked, None), result)
            began = time.monotonic()
            model = RankedModel.of(twin, task, result.epochs, 7)
            methods = _plain(task.parts.earlier)
            methods["blend"] = blend_score(twin, task.parts, cut - 1)
            methods["two stages"] = methods["blend"]
            try:
                stores = graph, registry
                ranking = RankerExperiment(stores, settings, asked, material, report=_report())
                report = ranking.learn(model)
                print(report.message, json.dumps(dict(report.metrics), indent=1), flush=True)
                if report.ranked is not None:
                    methods["two stages"] = ranked_scorer(report.ranked, methods["blend"])
            except DataError as error:
                print(error.message)
            print(f"{day(cut)} ranker in {time.monotonic() - began:.0f} s", flush=True)
            judged.append((task, methods))
            last.append((basket, methods))
            print(f"\n## What is taken in the next 7 days, {len(judged)} cuts")
            _show(judged, given.seed)
            print(f"\n## The last basket begun in them, {len(judged)} cuts")
            _show(last, given.seed, _BASKET)


def _plain(known: Interactions) -> dict[str, UserScorer]:
    return {name: build(known) for name, build in BASELINES.items()}


def _draw(_: str) -> np.random.Generator:
    raise AssertionError("nothing is drawn: what is asked is cut by time")


def _report() -> Callable[[str, int, int], None]:
    last = [("", 0.0)]

    def report(stage: str, done: int, whole: int) -> None:
        if stage != last[0][0]:
            now = time.monotonic()
            if last[0][0]:
                print(f"  {last[0][0]}: {now - last[0][1]:.1f} s", file=sys.stderr, flush=True)
            last[0] = (stage, now)

    return report


def _show(
    judged: list[tuple[EvaluationTask, dict[str, UserScorer]]],
    number: int,
    metrics: Sequence[str] = ("ndcg@20", "recall@20"),
) -> None:
    tasks = [task for task, _ in judged]
    asked: dict[str, list[RankingTask]] = {}
    for seen, own in questions_of(tasks).items():
        asked["seen items allowed" if seen else "new items only"] = list(own)
        if seen and len(metrics) > 2:
            parts = [parts_of(one, task.had) for one, task in zip(own, tasks, strict=True)]
            for name in PARTS:
                asked[f"seen items allowed, {name}"] = [one[name] for one in parts]
    for title, questions in asked.items():
        quality = {
            name: pooled(
                questions,
                [
                    top(one, methods[name], max(_K))
                    for one, (_, methods) in zip(questions, judged, strict=True)
                ],
                _K,
            )
            for name in judged[0][1]
        }
        print(f"\n| {title} | {' | '.join(metrics)} | two stages less it |")
        print("| --- |" + " --- |" * (len(metrics) + 1))
        for name, one in sorted(quality.items(), key=lambda pair: -pair[1].means["ndcg@20"]):
            draw = seed.generator(number, "bootstrap")
            gap = difference(quality["two stages"], one, "ndcg@20", draw)
            lead = f"{gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}] over {gap.asked}"
            figures = " | ".join(f"{one.means[metric]:.4f}" for metric in metrics)
            print(f"| {name} | {figures} | {lead} |", flush=True)


if __name__ == "__main__":
    main()

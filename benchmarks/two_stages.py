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
import time
from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.past_models import DAYS, add_options, opened
from engine.data.interactions import Interactions
from engine.errors import DataError
from engine.evaluation.baselines import BASELINES
from engine.evaluation.evaluation_setup import difference, pooled, questions_of
from engine.evaluation.protocols import EvaluationTask, NextBasket
from engine.evaluation.protocols.cuts import day
from engine.evaluation.protocols.window import usable_cuts
from engine.evaluation.ranked_score import ranked_scorer
from engine.evaluation.ranking import RankingTask, UserScorer, top
from engine.evaluation.repeat_explore import PARTS, parts_of
from engine.experiments.served_model import blend_score
from engine.training import seed

_K = (10, 20)
_BASKET = ("ndcg@10", "ndcg@20", "recall@10", "recall@20", "hit@10")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser, "lightgcn")
    parser.add_argument("--cuts", type=int, default=4)
    given = parser.parse_args()
    with opened(given) as past:
        events = past.material.events
        found = usable_cuts(events, DAYS, given.cuts + given.before)[: given.cuts]
        protocol = NextBasket(DAYS, given.cuts + given.before)
        baskets = protocol.tasks(events, _draw, past.material.baskets)
        judged: list[tuple[EvaluationTask, dict[str, UserScorer]]] = []
        last: list[tuple[EvaluationTask, dict[str, UserScorer]]] = []
        for cut, basket in zip(found, baskets, strict=False):
            began = time.monotonic()
            made = past.before(cut)
            task, twin = made.task, made.model.twin
            print(f"{day(cut)} trained in {time.monotonic() - began:.0f} s", flush=True)
            began = time.monotonic()
            methods = _plain(task.parts.earlier)
            methods["blend"] = blend_score(twin, task.parts, cut - 1)
            methods["two stages"] = methods["blend"]
            try:
                report = past.ranking(made.asked, _report()).learn(made.model)
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

"""What not promoting costs: a generation of some weeks ago against a fresh one, on the same week.

    python -m benchmarks.ageing_generations HOME --weeks 4 --age 4 --before 4

HOME is a home of the engine whose graph holds the shop (``engine --home HOME ingest …``). A model
and its ranker are trained before each of ``weeks + age`` cuts, a week apart, as a night trains
them. In each of the last ``weeks``, those of 0 to ``age`` weeks ago are asked what users take in
the next 7 days, as they would serve: with what users did since, and with vectors, blend, trees and
counts of items as old as they are. ``--before 4`` leaves out the newest four weeks: for choosing.
"""

import argparse
import sys
import time
from dataclasses import dataclass

from benchmarks.past_models import DAYS, add_options, opened
from engine.errors import DataError
from engine.evaluation.evaluation_setup import difference, pooled, questions_of
from engine.evaluation.protocols import EvaluationTask
from engine.evaluation.protocols.cuts import day
from engine.evaluation.protocols.window import usable_cuts
from engine.evaluation.ranked_score import ranked_scorer
from engine.evaluation.ranking import UserScorer, top
from engine.experiments.ranker_windows import active_users, ranked_candidates
from engine.experiments.served_model import blend_score
from engine.graph.known_events import KnownEvents
from engine.ranking.ranker import Ranker
from engine.training import seed
from engine.training.checkpoint import TrainedModel

_K = 20


@dataclass(frozen=True, eq=False)
class Generation:
    """What a night at a cut would have put into service."""

    cut: int
    twin: TrainedModel
    ranker: Ranker | None


def main() -> None:
    """Print what age costs, after each week that was judged."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_options(parser)
    parser.add_argument("--weeks", type=int, default=4)
    parser.add_argument("--age", type=int, default=4)
    given = parser.parse_args()
    with opened(given) as past:
        events = past.material.events
        known = KnownEvents.beside(past.stores[0], events, past.material.baskets)
        wanted = given.weeks + given.age
        found = usable_cuts(events, DAYS, wanted + given.before)[:wanted]
        generations: list[Generation] = []
        judged: list[tuple[EvaluationTask, dict[str, UserScorer]]] = []
        for place, cut in enumerate(found):
            began = time.monotonic()
            made = past.before(cut)
            try:
                report = past.ranking(made.asked).learn(made.model)
                ranker, said = report.ranker, report.message
            except DataError as error:
                ranker, said = None, error.message
            generations.append(Generation(cut, made.model.by_rows_of(events).twin, ranker))
            print(f"{day(cut)}: {said} {time.monotonic() - began:.0f} s", flush=True)
            if place < given.age:
                continue
            users = active_users(events, cut, DAYS)
            methods: dict[str, UserScorer] = {}
            for age, one in enumerate(reversed(generations[-given.age - 1 :])):
                blend = blend_score(one.twin, made.task.parts, one.cut - 1)
                methods[f"blend, {age} weeks"] = methods[f"two stages, {age} weeks"] = blend
                if one.ranker is not None:
                    moment = one.cut - 1, cut
                    ranked = ranked_candidates(
                        past.stores, known, one.twin, one.ranker, moment, users
                    )
                    methods[f"two stages, {age} weeks"] = ranked_scorer(ranked, blend)
                print(f"  {age} weeks old: judged", file=sys.stderr, flush=True)
            judged.append((made.task, methods))
            _show(judged, given.seed)


def _show(judged: list[tuple[EvaluationTask, dict[str, UserScorer]]], number: int) -> None:
    for seen, questions in questions_of([task for task, _ in judged]).items():
        print("seen items allowed" if seen else "new items only")
        quality = {
            name: pooled(
                questions,
                [
                    top(one, methods[name], _K)
                    for one, (_, methods) in zip(questions, judged, strict=True)
                ],
                (_K,),
            )
            for name in judged[0][1]
        }
        for name, one in sorted(quality.items()):
            fresh = quality[name.partition(",")[0] + ", 0 weeks"]
            gap = difference(one, fresh, "ndcg@20", seed.generator(number, "bootstrap"))
            lost = f"{gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]"
            print(f"  {name:22} {one.means['ndcg@20']:.4f}  less the fresh one: {lost}", flush=True)


if __name__ == "__main__":
    main()

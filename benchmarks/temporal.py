"""`tgat` beside what is simpler: `sasrec`, LightGCN, recency and what was linked before.

    python -m benchmarks.temporal ml-100k FOLDER --protocol next-item --home KEPT
    python -m benchmarks.temporal completejourney --protocol window --cuts 1 --home KEPT

FOLDER holds RecBole's files of MovieLens 100k; completejourney is the 300 households that the
engine brings. Models choose their epochs and their blend on validation, as in ``engine compare``;
``--set NAME=VALUE`` or ``MODEL.NAME=VALUE`` is a setting. What is finished is kept in KEPT, and the
same command goes on from there. Beside them stand:

    recent-popular   popularity, an event counting half after a half-life
    buy-again        own items by how often
    own-newest       own items, the newest first, then the popular
    edgebank         what the user had before, then the popular (Poursafaei et al. 2022)
    edgebank-days    what the user had in the last ``--days`` before the newest event of all

EdgeBank says 1 or 0: what it cannot tell apart is listed by popularity. Of new items only, the last
three know nothing beyond popularity and are left out. lastfm is no choice: its events, as the
LightGCN papers split them, have no times, which all of this goes by.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from scipy import sparse

from benchmarks import offline
from engine.data.arrays import Float32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.signals import MILLISECONDS_PER_DAY
from engine.data.training_data import TrainingData
from engine.evaluation.evaluation_setup import EvaluationSetup
from engine.evaluation.protocols import EvaluationTask, protocol_named
from engine.evaluation.ranking import UserScorer
from engine.evaluation.standings import WHERE, MethodLists, MethodStanding, standings
from engine.experiments.compare import setup_of
from engine.experiments.compare_request import CompareRequest
from engine.experiments.compared_methods import ComparisonSetting, finish, listed
from engine.experiments.fitting import FitObserver
from engine.experiments.train import code_version
from engine.experiments.training_request import content

OWN = ("own-newest", "edgebank", "edgebank-days")


def own_items(events: Interactions, weight: Float32Array) -> UserScorer:
    """Return a scorer of own items, each by its largest weight; others 0."""
    order = np.argsort(weight, kind="stable")
    pairs = events.user[order].astype(np.int64) * events.n_items + events.item[order]
    last = len(pairs) - 1 - np.unique(pairs[::-1], return_index=True)[1]
    kept = order[last]
    matrix = sparse.csr_array(
        (weight[kept], (events.user[kept], events.item[kept])),
        shape=(events.n_users, events.n_items),
    )

    def score(rows: Int64Array) -> Float32Array:
        found: Float32Array = matrix[rows].toarray()
        return found

    return score


def own_newest(task: EvaluationTask) -> UserScorer:
    """Return own items by the rank of their newest event."""
    events = task.parts.earlier
    rank = np.unique(events.at, return_inverse=True)[1]
    return own_items(events, (rank + 1).astype(np.float32))


def edgebank(days: float) -> Callable[[EvaluationTask], UserScorer]:
    """Return what scores 1 for what the user had in the last days, infinitely many or fewer."""

    def build(task: EvaluationTask) -> UserScorer:
        events = task.parts.earlier
        known = events.select(events.at > events.at.max() - days * MILLISECONDS_PER_DAY)
        return own_items(known, np.ones(len(known), dtype=np.float32))

    return build


def shown(rows: list[MethodStanding], setup: EvaluationSetup, costs: dict) -> None:
    """Print a table for each question, the best method first."""
    judged, beside = setup.shown
    for seen in setup.questions:
        print(f"\n{WHERE[seen]}, {setup.users_asked(seen=seen)} users\n")
        print(f"| method | {judged} | {beside} | to the best plain | epochs | seconds |")
        print("| --- | --- | --- | --- | --- | --- |")
        own = [one for one in rows if one.seen == seen and (seen or one.name not in OWN)]
        for one in sorted(own, key=lambda row: -row.means[judged]):
            gap = one.gaps.get(judged)
            text = f"{gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]" if gap else ""
            spent = costs.get(one.name.removesuffix(" blend"), {})
            epochs = f"{spent['epochs']:.0f}" if "epochs" in spent else ""
            seconds = f"{spent['seconds']:.0f}" if "seconds" in spent else ""
            means = f"{one.means[judged]:.4f} | {one.means[beside]:.4f}"
            print(f"| `{one.name}` | {means} | {text} | {epochs} | {seconds} |", flush=True)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", choices=["ml-100k", "completejourney"])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--protocol", choices=["window", "next-item"], required=True)
    parser.add_argument("--cuts", type=int, default=None)
    parser.add_argument("--days", type=float, default=7.0)
    parser.add_argument("--models", default="lightgcn,sasrec,tgat")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.data == "ml-100k":
        events = offline.ml_100k_catalogue(given.folder).events
    else:
        events = offline.completejourney_catalogue(packaged=True).events
    material = TrainingData(events)
    request = CompareRequest(
        tuple(given.models.split(",")),
        dict(text.split("=", 1) for text in given.set),
        protocol=protocol_named(given.protocol, cuts=given.cuts),
    ).on(events)
    setup = setup_of(request, material, request.cut().judged_by.cutoffs)
    ring = ComparisonSetting(material, content(material), code_version(), setup, given.home)
    methods: list[MethodLists] = []
    costs: dict[str, dict[str, float]] = {}
    for entrant in request.entrants()[::-1]:  # what counts first, then what is trained
        done = finish(entrant, ring, FitObserver())
        methods += done.contestants
        costs[entrant.name] = done.costs
        print(f"{entrant.name}: {done.costs['seconds']:.0f} s", flush=True)
    for name, build in zip(OWN, (own_newest, edgebank(np.inf), edgebank(given.days)), strict=True):
        methods.append(listed(name, "plain", build, setup))
    shown(standings(setup, methods), setup, costs)


if __name__ == "__main__":
    main()

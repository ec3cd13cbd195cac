"""What each group of features and each source of candidates adds to a ranker, on validation weeks.

    python -m benchmarks.ranker_ablations HOME [--model als] [--before 4]

HOME is a home of the engine whose graph holds the shop (``engine --home HOME ingest …``). The
windows before the newest cut are gathered once, as a training gathers them; then a ranker is
learned without a group of features, or of candidates that one source alone names, and judged on the
validation window beside the whole one. The test part is not looked at.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.past_models import DAYS, add_options, opened
from engine.data.arrays import BoolArray, Float32Array
from engine.evaluation.protocols.cuts import day
from engine.evaluation.protocols.window import usable_cuts
from engine.experiments.gathered_windows import GatheredWindows
from engine.experiments.ranker_windows import PastCandidates
from engine.ranking.candidate_features import FEATURES
from engine.ranking.candidates import SOURCES
from engine.ranking.ranker import LabelledCandidates

_VECTORS = ("near_score", "near_rank", "cosine")
_RHYTHM = ("gap", "spread", "overdue", "overdue_by_others", "baskets_since_last")
_RISE = ("item_trend", "item_rise_3_days", "item_rise_7_days")


def _groups() -> dict[str, tuple[str, ...]]:
    """Return the groups of features that are left out, one at a time."""
    of_sources = {
        f"{name}: scores and ranks": (f"{name}_score", f"{name}_rank") for name in SOURCES
    }
    return {
        **of_sources,
        "vectors: near, cosine": _VECTORS,
        "counts with their age": tuple(n for n in FEATURES if n.startswith("count_")),
        "user k-NN score": ("user_knn",),
        "rhythm of the pair": _RHYTHM,
        "recency of the pair": ("days_since_last", "days_since_first"),
        "what rose lately": _RISE,
        "item statistics": tuple(n for n in FEATURES if n.startswith("item_") and n not in _RISE),
        "groups: category and others": tuple(n for n in FEATURES if n.startswith("group_")),
        "the user's size and tempo": tuple(
            n for n in FEATURES if n.startswith("user_") and n != "user_knn"
        ),
    }


def _without_features(gathered: GatheredWindows, names: Sequence[str]) -> GatheredWindows:
    """Return the windows with some columns made to say nothing."""
    columns = [FEATURES.index(name) for name in names]

    def blind(features: Float32Array) -> Float32Array:
        features = features.copy()
        features[:, columns] = 0.0
        return features

    return replace(
        gathered,
        labelled=[replace(one, features=blind(one.features)) for one in gathered.labelled],
        validation=[
            replace(
                one,
                candidates=replace(one.candidates, features=blind(one.candidates.features)),
            )
            for one in gathered.validation
        ],
    )


def _without_source(gathered: GatheredWindows, name: str) -> GatheredWindows:
    """Return the windows without the candidates that one source alone names, nor what it says."""
    scores = [FEATURES.index(f"{other}_score") for other in SOURCES if other != name]

    def named(features: Float32Array) -> BoolArray:
        # Popularity is told as a place, the others as a score: none is NaN where it names.
        return np.asarray((~np.isnan(features[:, scores])).any(axis=1))

    def learned(one: LabelledCandidates) -> LabelledCandidates:
        kept = named(one.features)
        return LabelledCandidates(one.user[kept], one.features[kept], one.right[kept])

    def judged(one: PastCandidates) -> PastCandidates:
        kept = named(one.features)
        return PastCandidates(one.users[kept], one.items[kept], one.features[kept])

    fewer = replace(
        gathered,
        labelled=[learned(one) for one in gathered.labelled],
        validation=[replace(one, candidates=judged(one.candidates)) for one in gathered.validation],
    )
    also = ("cosine",) if name == "near" else ()
    return _without_features(fewer, (f"{name}_score", f"{name}_rank", *also))


def main() -> None:
    """Print a row for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_options(parser, before=4)
    given = parser.parse_args()
    with opened(given) as past:
        cut = usable_cuts(past.material.events, DAYS, given.before + 1)[0]
        made = past.before(cut)
        whole = past.ranking(made.asked).gather(made.model)
    chosen = made.asked.ranker_settings()
    _, all_of_it = whole.validated(chosen)
    blend = whole.by_blend()
    told = whole.difference(all_of_it, blend)
    print(f"windows before {day(cut)}; {told.users} users of {len(whole.validation)} windows")
    print(f"whole {all_of_it.mean():.4f}, the blend {blend.mean():.4f}\n")
    print("| without | ndcg@20 | whole less it |\n| --- | --- | --- |", flush=True)
    rows: list[tuple[str, Callable[[], GatheredWindows]]] = [
        *((f"candidates of {n} alone", lambda n=n: _without_source(whole, n)) for n in SOURCES),
        *((n, lambda c=c: _without_features(whole, c)) for n, c in _groups().items()),
    ]
    for name, fewer in rows:
        began = time.monotonic()
        _, values = fewer().validated(chosen)
        gap = whole.difference(all_of_it, values)
        lost = f"{gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]"
        took = time.monotonic() - began
        print(f"| {name} | {values.mean():.4f} | {lost} |  {took:.0f} s", flush=True)


if __name__ == "__main__":
    main()

"""The features of candidates: one definition, for training and for serving.

Pure: the same candidates at the same moment give the same numbers, whether that moment is now or
was long ago. NaN stands for what is not known; the trees have a branch for it.
"""

from collections.abc import Iterator

import numpy as np

from engine.data.arrays import Float32Array, Float64Array, Int64Array
from engine.ranking.candidates import GROUPS, SOURCES, Candidates
from engine.ranking.item_statistics import STATISTICS
from engine.ranking.purchase_rhythm import HALF_LIVES_DAYS, Rhythm, Visits, rhythm

_SHARES_HALF_LIFE = HALF_LIVES_DAYS.index(60.0)
_UNRANKED = 1_000.0

FEATURES: tuple[str, ...] = (
    *(f"{name}_{what}" for name in SOURCES for what in ("score", "rank")),
    "cosine",
    "count",
    *(f"count_{days:.0f}_days" for days in HALF_LIVES_DAYS),
    "days_since_last",
    "days_since_first",
    "gap",
    "spread",
    "overdue",
    "overdue_by_others",
    "baskets_since_last",
    "share_of_baskets",
    "share_of_baskets_since_first",
    *(f"item_{name}" for name in STATISTICS),
    "item_trend",
    "item_events_per_user",
    *(f"share_of_group_{n}" for n in range(1, GROUPS + 1)),
    "user_baskets",
    "user_baskets_30_days",
    "user_basket_size",
    "user_days_since_last",
    "user_days_since_first",
    "user_gap",
    "user_share_of_repeats",
)
"""Names of the columns. ``overdue`` is days_since_last / gap; by others where the user has
no gap of its own for the item."""

INCREASING = frozenset(
    {*(f"count_{days:.0f}_days" for days in HALF_LIVES_DAYS), "share_of_baskets", "cosine"}
)
"""Columns of which more can only speak for an item."""


def features(candidates: Candidates) -> Float32Array:
    """Return the features of every candidate, ``(n, len(FEATURES)) float32``."""
    n_items = len(candidates.statistics)
    pairs, visits = rhythm(candidates.own, candidates.n_users, n_items, candidates.as_of)
    columns = [
        *_of_sources(candidates),
        candidates.cosine,
        *_of_pairs(candidates, pairs, visits),
        *_of_items(candidates),
        *_shares(candidates, pairs),
        *_of_users(candidates, pairs, visits),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _of_sources(candidates: Candidates) -> Iterator[Float64Array]:
    nothing = np.full(len(candidates), np.nan)
    for name in SOURCES:
        score = candidates.scores.get(name, nothing)
        yield score
        yield _ranks(candidates.user, score)


def _ranks(user: Int64Array, score: Float64Array) -> Float64Array:
    """Return the rank of each candidate among its user's, from 0; equal scores share the best."""
    named = ~np.isnan(score)
    order = np.lexsort((-score[named], user[named]))
    user, score = user[named][order], score[named][order]
    place = np.arange(len(user), dtype=np.float64)
    first_of_user = np.concatenate([[True], user[1:] != user[:-1]])[: len(user)]
    fresh = first_of_user.copy()
    fresh[1:] |= score[1:] != score[:-1]
    start = np.maximum.accumulate(np.where(first_of_user, place, 0.0))
    best = np.maximum.accumulate(np.where(fresh, place, 0.0))
    found = np.empty(len(user))
    found[order] = best - start
    result = np.full(len(named), _UNRANKED)
    result[named] = found
    return result


def _of_pairs(candidates: Candidates, pairs: Rhythm, visits: Visits) -> Iterator[Float64Array]:
    key = candidates.user * len(candidates.statistics) + candidates.item
    place = np.searchsorted(pairs.key, key)
    inside = place < len(pairs.key)
    own = np.zeros(len(key), dtype=bool)
    own[inside] = pairs.key[place[inside]] == key[inside]

    def column(values: Float64Array | Int64Array, otherwise: float = np.nan) -> Float64Array:
        result = np.full(len(key), otherwise)
        result[own] = values[place[own]]
        return result

    count, since, gap = column(pairs.count, 0.0), column(pairs.days_since_last), column(pairs.gap)
    others = candidates.statistics[candidates.item, STATISTICS.index("days_between")]
    baskets = np.maximum(visits.baskets[candidates.user], 1)
    yield count
    for n in range(len(HALF_LIVES_DAYS)):
        yield column(pairs.decayed[:, n], 0.0)
    yield since
    yield column(pairs.days_since_first)
    yield gap
    yield column(pairs.spread)
    yield since / np.maximum(gap, 0.5)
    yield since / np.maximum(np.where(np.isnan(gap), others, gap), 0.5)
    yield column(pairs.baskets_since_last)
    yield count / baskets
    yield count / column(pairs.baskets_since_first)


def _of_items(candidates: Candidates) -> Iterator[Float64Array]:
    statistics = candidates.statistics[candidates.item]
    of = dict(zip(STATISTICS, statistics.T, strict=True))
    yield from statistics.T
    yield of["events_7_days"] / (of["events_28_days"] + 1.0)
    yield of["events"] / np.maximum(of["users"], 1.0)


def _shares(candidates: Candidates, pairs: Rhythm) -> Iterator[Float64Array]:
    """Yield, per grouping attribute, the share of the item's value in what the user bought."""
    n_items = len(candidates.statistics)
    user, item = pairs.key // n_items, pairs.key % n_items
    weight = pairs.decayed[:, _SHARES_HALF_LIFE]
    total = np.bincount(user, weight, candidates.n_users)[candidates.user]
    for n in range(GROUPS):
        values = candidates.groups[:, n].astype(np.int64)
        width = int(values.max(initial=0)) + 2
        known, position = np.unique(user * width + values[item] + 1, return_inverse=True)
        amount = np.bincount(position, weight, len(known))
        key = candidates.user * width + values[candidates.item] + 1
        place = np.minimum(np.searchsorted(known, key), max(len(known) - 1, 0))
        found = np.zeros(len(key))
        if len(known):
            there = (known[place] == key) & (values[candidates.item] >= 0)
            found[there] = amount[place[there]]
        yield np.divide(found, total, out=np.zeros(len(key)), where=total > 0)


def _of_users(candidates: Candidates, pairs: Rhythm, visits: Visits) -> Iterator[Float64Array]:
    of_user = pairs.key // len(candidates.statistics)
    bought = np.bincount(of_user, pairs.count, candidates.n_users)
    different = np.bincount(of_user, minlength=candidates.n_users)
    repeats = 1.0 - different / np.maximum(bought, 1.0)
    for values in (
        visits.baskets,
        visits.recent,
        visits.size,
        visits.days_since_last,
        visits.days_since_first,
        visits.gap,
        repeats,
    ):
        yield values[candidates.user].astype(np.float64)

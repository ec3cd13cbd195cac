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
_KNN_HALF_LIFE, _OWN_SHARE = HALF_LIVES_DAYS.index(120.0), 0.7  # as ``UserKnnConfig`` has them
_UNRANKED = 1_000.0
_OF_GROUP = ("share", "share_of_item", "days_since_last", "overdue")

FEATURES: tuple[str, ...] = (
    *(f"{name}_{what}" for name in SOURCES for what in ("score", "rank")),
    "cosine",
    "user_knn",
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
    "item_rise_3_days",
    "item_rise_7_days",
    "item_events_per_user",
    *(f"group_{n}_{what}" for n in range(1, GROUPS + 1) for what in _OF_GROUP),
    "user_baskets",
    "user_baskets_30_days",
    "user_basket_size",
    "user_days_since_last",
    "user_days_since_first",
    "user_gap",
    "user_share_of_repeats",
)
"""Names of the columns. ``user_knn`` is that method's score without popularity, ``item_rise`` the
events a day of the last days over those of the weeks before. ``overdue`` is days_since_last / gap;
by others where the user has no gap of its own for the item. Of a group, such as a category: its
share of what the user takes, the item's share of that, days since any of its items, and these / the
mean of days between two."""

INCREASING = frozenset(
    {
        *(f"count_{days:.0f}_days" for days in HALF_LIVES_DAYS),
        "share_of_baskets",
        "cosine",
        "user_knn",
    }
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
        *_of_groups(candidates, pairs),
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

    def column(values: Float64Array | Int64Array, otherwise: float = np.nan) -> Float64Array:
        return _found(pairs.key, key, values.astype(np.float64), otherwise)

    count, since, gap = column(pairs.count, 0.0), column(pairs.days_since_last), column(pairs.gap)
    others = candidates.statistics[candidates.item, STATISTICS.index("days_between")]
    baskets = np.maximum(visits.baskets[candidates.user], 1)
    decayed = [column(pairs.decayed[:, n], 0.0) for n in range(len(HALF_LIVES_DAYS))]
    theirs = np.nan_to_num(candidates.scores.get("people", np.zeros(len(key))))
    yield _OWN_SHARE * decayed[_KNN_HALF_LIFE] + (1.0 - _OWN_SHARE) * theirs
    yield count
    yield from decayed
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
    before = (of["events_in_last_28_days"] - of["events_in_last_7_days"]) / 21.0
    yield (of["events_in_last_3_days"] / 3.0 + 0.1) / (before + 0.1)
    yield (of["events_in_last_7_days"] / 7.0 + 0.1) / (before + 0.1)
    yield of["events"] / np.maximum(of["users"], 1.0)


def _of_groups(candidates: Candidates, pairs: Rhythm) -> Iterator[Float64Array]:
    """Yield, per grouping attribute, what the user took of the item's value."""
    n_items = len(candidates.statistics)
    user, item = pairs.key // n_items, pairs.key % n_items
    weight: Float64Array = pairs.decayed[:, _SHARES_HALF_LIFE]
    total = np.bincount(user, weight, candidates.n_users)[candidates.user]
    alone = _found(pairs.key, candidates.user * n_items + candidates.item, weight, 0.0)
    for n in range(GROUPS):
        values = candidates.groups[:, n].astype(np.int64)
        width = int(values.max(initial=0)) + 2
        grouped = np.where(values[item] >= 0, user * width + values[item], -1)
        known, position = np.unique(grouped, return_inverse=True)
        key = candidates.user * width + values[candidates.item]
        key[values[candidates.item] < 0] = -2
        amount = np.bincount(position, weight, len(known)).astype(np.float64)
        count = np.bincount(position, pairs.timed, len(known))
        newest, oldest = np.full(len(known), np.inf), np.zeros(len(known))
        np.fmin.at(newest, position, pairs.days_since_last)
        np.fmax.at(oldest, position, pairs.days_since_first)
        newest[np.isinf(newest)] = np.nan
        gap = np.where(count > 1, (oldest - newest) / np.maximum(count - 1, 1), np.nan)
        of_group = _found(known, key, amount, 0.0)
        yield np.divide(of_group, total, out=np.zeros(len(key)), where=total > 0)
        yield np.divide(alone, of_group, out=np.zeros(len(key)), where=of_group > 0)
        yield _found(known, key, newest, np.nan)
        yield _found(known, key, newest / np.maximum(gap, 0.5), np.nan)


def _found(
    keys: Int64Array, asked: Int64Array, values: Float64Array, otherwise: float
) -> Float64Array:
    """Return the value of each asked key among sorted keys."""
    result = np.full(len(asked), otherwise)
    if len(keys):
        place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
        there = keys[place] == asked
        result[there] = values[place[there]]
    return result


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

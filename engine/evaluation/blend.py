"""The blend that is served: embedding score, popularity and repeats, weighed on validation.

score(u, i) = z_u·z_i + a · popularity(i) + b · repeats(u, i). With a and b at zero it is the
model, with either one large it is a baseline, so a fair choice is no worse than the best of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from engine.data import signals
from engine.data.arrays import Float32Array, Int64Array
from engine.data.interactions import Interactions
from engine.evaluation import fold_in, ranking
from engine.evaluation.ranking import RankingTask, UserScorer
from engine.evaluation.trend import HALF_LIVES_DAYS, Trend, best_half_life, fold

VectorPair = tuple[Float32Array, Float32Array]

POPULARITY_WEIGHTS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 1.0, 1.5, 2.5, 5.0)
AGAIN_WEIGHTS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
HALF_LIVES = (15.0, 45.0, 120.0, 360.0, 3_600.0)
TREND_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0)
PROMISE_WEIGHTS = (0.0, 0.5, 2.0, 5.0)
DRIFT_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
TARGET = "ndcg@20"
_ENOUGH_USERS = 50
_CELLS_KEPT = 1 << 27  # half a GiB


@dataclass(frozen=True)
class Blend:
    """The numbers beside the vectors; plain model scores when the first two weights are zero.

    Attributes:
        drift_weight: How much what a user did since the training counts beside the own vector.
        popular_half_life_days: Of popularity, which is recent popularity then; 0: events count
            alike. Vectors have the trend instead.
    """

    popularity_weight: float = 0.0
    again_weight: float = 0.0
    half_life_days: float = 120.0
    drift_weight: float = fold_in.DRIFT_WEIGHT
    popular_half_life_days: float = 0.0

    def popularity(self, known: Interactions) -> Float32Array:
        """Return the popularity that counts, ``(n_items,) float32``."""
        if self.popular_half_life_days:
            return signals.recent_popularity(known, self.popular_half_life_days)
        return signals.popularity(known)


def scorer(embedded: UserScorer, train: Interactions, blend: Blend) -> UserScorer:
    """Return the blend's score over what is known from ``train``."""
    return _scorer(embedded, _Signals(train), blend)


class _Signals:
    """Popularity and repeats, each made once: a search asks for the same ones a hundred times."""

    def __init__(self, known: Interactions) -> None:
        self.popularity = cache(lambda days: Blend(popular_half_life_days=days).popularity(known))
        self.repeats = cache(lambda days: signals.repeats(known, days))


def _scorer(embedded: UserScorer, known: _Signals, blend: Blend) -> UserScorer:
    popular = np.float32(blend.popularity_weight) * known.popularity(blend.popular_half_life_days)
    again = None
    if blend.again_weight:
        again = known.repeats(blend.half_life_days) * np.float32(blend.again_weight)

    def score(rows: Int64Array) -> Float32Array:
        scores = embedded(rows) + popular[None, :]
        if again is not None:
            own = again[rows]
            row = np.repeat(np.arange(len(rows)), np.diff(own.indptr))
            scores[row, own.indices] += own.data
        return scores.astype(np.float32, copy=False)

    return score


def choose(
    vectors: VectorPair,
    train: Interactions,
    valid: Interactions,
    *,
    cosine: bool = True,
    trends: Sequence[float] = TREND_WEIGHTS,
) -> tuple[Trend, Blend]:
    """Return the trend and the blend with the best ndcg@20 on ``valid``.

    Where people come back to the same item, lists with and without seen items count equally;
    elsewhere repeats are left out. Coordinate search: the trend first, then each weight in turn.

    Args:
        vectors: Of users and items, trained on ``train`` alone.
        train: What is known.
        valid: What must be predicted; at most some hundreds of its users are asked.
        cosine: Whether the vectors are compared by cosine.
        trends: Weights of the trend to choose from.
    """
    tasks, known = _asked(train, valid), _Signals(train)

    def alone(trend: Trend) -> float:
        folded = fold(*vectors, train, trend, cosine=cosine)
        return _mean(tasks[:1], _inner(folded))

    timed = bool((train.at > 0).all())
    trend = Trend(half_life_days=best_half_life(train, valid) or HALF_LIVES_DAYS[-1])
    if timed:
        # max keeps the first of equals: the smaller weight.
        trend = max(
            (replace(trend, weight=weight) for weight in trends),
            key=alone,
        )
    folded = fold(*vectors, train, trend, cosine=cosine)
    embedded = _remembered(_inner(folded))
    best = _best(
        Blend(),
        lambda one: _mean(tasks, _scorer(embedded, known, one)),
        repeating=len(tasks) > 1,
    )
    return trend, replace(best, drift_weight=_drift(folded, train, valid, best, cosine=cosine))


def choose_beside_edges(embedded: UserScorer, train: Interactions, valid: Interactions) -> Blend:
    """Return the blend with the best ndcg@20 on ``valid`` for a filter.

    It has no vectors that could take up a trend, so popularity is the recent one where that
    predicts better; what a user does is part of the next list, so nothing drifts.

    Args:
        embedded: The filter's score, of ``train`` alone.
        train: What is known.
        valid: What must be predicted.
    """
    tasks = _asked(train, valid)
    start = Blend(popular_half_life_days=best_half_life(train, valid), drift_weight=0.0)

    known, embedded = _Signals(train), _remembered(embedded)

    def value(blend: Blend) -> float:
        return _mean(tasks, _scorer(embedded, known, blend))

    return _best(start, value, repeating=len(tasks) > 1)


def _asked(train: Interactions, valid: Interactions) -> list[RankingTask]:
    """Return what is asked: of new items, and of all where people come back to the same ones."""
    tasks = [ranking.thinned(ranking.task(train, valid, include_seen=False))]
    with_seen = ranking.task(train, valid, include_seen=True)
    if with_seen.relevant.multiply(train.csr(binary=True)).nnz:
        tasks.append(ranking.thinned(with_seen))
    return tasks


def _best(start: Blend, value: Callable[[Blend], float], *, repeating: bool) -> Blend:
    best = start
    for name, numbers in _coordinates(repeating):
        best = max((replace(best, **{name: number}) for number in numbers), key=value)
    return best


def _drift(
    vectors: VectorPair, train: Interactions, valid: Interactions, blend: Blend, *, cosine: bool
) -> float:
    """Return the drift weight by which the second half of each user's ``valid`` is predicted best.

    The first half is folded in, as what is done between two trainings is. Without times, or with
    fewer than 50 users to ask, nothing is measured: ``fold_in.DRIFT_WEIGHT``.
    """
    if not ((train.at > 0).all() and (valid.at > 0).all()):
        return fold_in.DRIFT_WEIGHT
    order = np.lexsort((valid.at, valid.user))
    counts = np.bincount(valid.user, minlength=valid.n_users)
    starts = np.cumsum(counts) - counts
    early = np.zeros(len(valid), dtype=bool)
    user = valid.user[order]
    early[order] = np.arange(len(valid)) - starts[user] < counts[user] // 2
    known = train.joined(valid.select(early))
    question = ranking.task(known, valid.select(~early), include_seen=bool(blend.again_weight))
    moved = np.unique(valid.user[early])
    question = ranking.thinned(
        replace(question, users=question.users[np.isin(question.users, moved)])
    )
    if len(question.users) < _ENOUGH_USERS:
        return fold_in.DRIFT_WEIGHT
    since, beside = int(train.at.max(initial=0)), _Signals(known)

    def value(weight: float) -> float:
        users = fold_in.folded(
            *vectors,
            known,
            since,
            weight=weight,
            half_life_days=blend.half_life_days,
            cosine=cosine,
        )
        return _mean([question], _scorer(_inner((users, vectors[1])), beside, blend))

    return max(DRIFT_WEIGHTS, key=value)


def best_with_popularity(
    embedded: UserScorer, popular: Float32Array, question: RankingTask
) -> float:
    """Return the best ndcg@20 that vectors reach beside popularity, whatever its weight.

    The trainer's measure: vectors are served beside popularity, so what they add to it counts, not
    how much of it they know themselves.

    Args:
        embedded: Scores of the vectors.
        popular: Popularity, or recent popularity, ``(n_items,) float32``.
        question: What must be predicted.
    """
    once = _remembered(embedded)

    def value(weight: float) -> float:
        bonus = np.float32(weight) * popular[None, :]
        return _mean([question], lambda rows: once(rows) + bonus)

    return max(value(weight) for weight in PROMISE_WEIGHTS)


def _coordinates(repeating: bool) -> list[tuple[str, tuple[float, ...]]]:
    popular = ("popularity_weight", POPULARITY_WEIGHTS)
    if not repeating:
        return [popular]
    again = ("again_weight", AGAIN_WEIGHTS)
    return [again, popular, ("half_life_days", HALF_LIVES), again, popular]


def _remembered(embedded: UserScorer) -> UserScorer:
    """Return a scorer that scores the same rows once, up to a number of cells.

    What it returns is not to be written to.
    """
    kept: dict[bytes, Float32Array] = {}

    def score(rows: Int64Array) -> Float32Array:
        name = rows.tobytes()
        if (found := kept.get(name)) is None:
            found = embedded(rows)
            if found.size + sum(one.size for one in kept.values()) <= _CELLS_KEPT:
                kept[name] = found
        return found

    return score


def _inner(vectors: VectorPair) -> UserScorer:
    users, items = vectors

    def score(rows: Int64Array) -> Float32Array:
        product: Float32Array = users[rows] @ items.T
        return product

    return score


def _mean(tasks: list[RankingTask], score: UserScorer) -> float:
    return sum(ranking.evaluate(one, score, (20,)).means[TARGET] for one in tasks) / len(tasks)

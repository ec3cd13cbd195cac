"""Trend: recent popularity as one more coordinate of the vectors, so the index ranks by it too.

trend(i) = (n_i / max n)^(1/3), n_i the events on i discounted by 2^(-age / half-life).
A user gains the coordinate g, an item s·trend(i), and both stay of unit length:

    cos = (z_u·z_i · sqrt(1 - s²·trend²) + g·s·trend) / sqrt(1 + g²),  weight = g·s.

s is small, so that items keep their likeness to each other.
"""

from dataclasses import dataclass

import numpy as np

from engine.data import signals
from engine.data.arrays import Float32Array
from engine.data.interactions import Interactions
from engine.data.splits import Split
from engine.evaluation import ranking

HALF_LIVES_DAYS = (7.0, 15.0, 45.0, 120.0, 360.0)
_SHARE = 0.3


@dataclass(frozen=True)
class Trend:
    """How much recent popularity counts beside a cosine, and how fast it is forgotten."""

    weight: float = 0.0
    half_life_days: float = 45.0


def fold(
    users: Float32Array, items: Float32Array, train: Interactions, trend: Trend, *, cosine: bool
) -> tuple[Float32Array, Float32Array]:
    """Return the vectors with the coordinate added; rows of zeros stay zero.

    Without a weight they come back as they are.
    """
    if trend.weight == 0.0:
        return users, items
    recent = signals.recent_popularity(train, trend.half_life_days)
    known = (users != 0).any(axis=1)
    own = np.float32(gain(trend.weight))
    user_column = np.where(known, own, 0.0)[:, None].astype(np.float32)
    item_column = (_SHARE * recent)[:, None] * (items != 0).any(axis=1)[:, None]
    scale_users, scale_items = np.float32(1.0), np.ones_like(item_column)
    if cosine:
        scale_users = 1.0 / np.sqrt(1.0 + own**2)
        scale_items = np.sqrt(1.0 - item_column**2)
    return (
        np.ascontiguousarray(np.hstack((users, user_column)) * scale_users, dtype=np.float32),
        np.ascontiguousarray(np.hstack((items * scale_items, item_column)), dtype=np.float32),
    )


def gain(weight: float) -> float:
    """Return g, the coordinate that a user gains, of the weight of a trend."""
    return weight / _SHARE


def popularity_of(parts: Split) -> Float32Array:
    """Return recent popularity on the earlier part with the best half-life, ``(n_items,)``."""
    return _popularity(parts.earlier, best_half_life(parts.earlier, parts.later))


def best_half_life(train: Interactions, valid: Interactions) -> float:
    """Return the half-life whose recent popularity predicts ``valid`` best; 0: no forgetting."""
    question = ranking.thinned(ranking.task(train, valid, include_seen=False))

    def value(half_life_days: float) -> float:
        recent = _popularity(train, half_life_days)
        lists = ranking.top(question, lambda rows: np.tile(recent, (len(rows), 1)), 20)
        return ranking.measure(question, lists, (20,)).means["ndcg@20"]

    if not (train.at > 0).all():
        return 0.0
    return max((0.0, *reversed(HALF_LIVES_DAYS)), key=value)


def _popularity(train: Interactions, half_life_days: float) -> Float32Array:
    if half_life_days:
        return signals.recent_popularity(train, half_life_days)
    return signals.popularity(train)

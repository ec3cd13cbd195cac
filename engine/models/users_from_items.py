"""Users as means of their items' vectors, newer ones counting more.

z_u = Σ 2^(-age / half-life) z_i over the user's events, divided by the sum of those weights, or
brought to unit length.
"""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from engine.data.arrays import Float32Array, Float64Array, Int64Array, IntArray
from engine.data.interactions import Interactions
from engine.data.signals import MILLISECONDS_PER_DAY
from engine.errors import UsageError


def mean_of_items(
    events: Interactions, items: Float32Array, half_life_days: float, *, unit: bool
) -> Float32Array:
    """Return ``(n_users, d) float32``; zeros for a user without a known item.

    Args:
        events: Who had what; ages are taken against the newest event of all.
        items: ``(n_items, d)``, zeros where nothing is known.
        half_life_days: 0: age does not matter.
        unit: Whether the result has unit length.
    """
    age = (events.at.max(initial=0) - events.at) / MILLISECONDS_PER_DAY
    age = np.where(events.at > 0, age, 0.0)
    weight = _faded(events.user, age, half_life_days)
    return _mean(events.user, events.item, weight, items, events.n_users, unit)


def fold_in(
    rows: Sequence[Int64Array],
    ages_days: Sequence[Float64Array] | None,
    items: Float32Array,
    half_life_days: float,
    *,
    unit: bool,
) -> Float32Array:
    """Return the vectors of users by what each of them had, ``(len(rows), d) float32``.

    Args:
        rows: Rows of items of each user; one that is named twice counts twice.
        ages_days: How long ago, alike; None: all are as old.
        items: ``(n_items, d)``.
        half_life_days: 0: age does not matter.
        unit: Whether the result has unit length.

    Raises:
        UsageError: There is no item of such a row.
    """
    lengths = [len(one) for one in rows]
    item = np.concatenate([np.empty(0, dtype=np.int64), *rows]).astype(np.int64)
    if len(item) and not 0 <= item.min() <= item.max() < len(items):
        raise UsageError(f"items are rows from 0 to {len(items) - 1}")
    age = np.zeros(len(item)) if ages_days is None else np.concatenate([np.empty(0), *ages_days])
    user = np.repeat(np.arange(len(rows)), lengths)
    return _mean(user, item, _faded(user, age, half_life_days), items, len(rows), unit)


def _faded(user: IntArray, age_days: Float64Array, half_life_days: float) -> Float64Array:
    if not half_life_days:
        return np.ones(len(age_days))
    # By the user's own newest: only shares count, and of who did nothing for years all would be 0.
    youngest = np.full(int(user.max(initial=-1)) + 1, np.inf)
    np.minimum.at(youngest, user, age_days)
    return np.asarray(np.exp2((youngest[user] - age_days) / half_life_days), dtype=np.float64)


def _mean(
    user: IntArray,
    item: IntArray,
    weight: Float64Array,
    items: Float32Array,
    n_users: int,
    unit: bool,
) -> Float32Array:
    known = (items != 0).any(axis=1)[item]
    cells = (weight[known], (user[known], item[known]))
    had = sparse.csr_array(cells, shape=(n_users, len(items)))
    summed = had @ items.astype(np.float64)
    length = np.linalg.norm(summed, axis=1) if unit else had.sum(axis=1)
    divisor = np.where(length > 0, length, 1.0)[:, None]
    vectors: Float32Array = (summed / divisor).astype(np.float32)
    return vectors

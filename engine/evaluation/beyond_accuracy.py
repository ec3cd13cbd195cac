"""Beyond accuracy: how new, how popular and how spread out what is listed is.

Popularity of an item is the number of training users who had it.
Shapes: ``lists`` is ``(n, k) int64`` item rows, -1 in an empty place.
"""

import numpy as np
from scipy import sparse

from engine.data.arrays import BoolArray, Float64Array, Int64Array


def popularity_of_items(had: sparse.csr_array) -> Float64Array:
    """Return the number of users who had each item, ``(n_items,) float64``.

    Args:
        had: ``(n_users, n_items)`` pattern of what each user had.
    """
    return np.bincount(had.indices, minlength=had.shape[1]).astype(np.float64)


def novelty(lists: Int64Array, popularity: Float64Array, n_users: int) -> float:
    """Return the mean self-information of what is listed, -log2(users who had it / users), in bits.

    Averaged over the places of a list, then over lists (Vargas and Castells 2011). A random user
    knows an item of 3 bits with probability 1/8. An item that nobody had counts as had by one.
    """
    bits = np.log2(max(n_users, 1) / np.maximum(popularity, 1.0))
    return _mean(_mean_of_lists(lists, bits))


def popularity_lift(
    lists: Int64Array, users: Int64Array, had: sparse.csr_array, popularity: Float64Array
) -> float:
    """Return how much more popular the lists are than what their users had.

    (P_listed - P_had) / P_had, P the mean over users of the mean popularity (ΔGAP, Abdollahpouri
    et al. 2019). 0: as popular as their own taste; 1: twice as popular.

    Args:
        lists: A list per user; empty ones are left out of both sides.
        users: Rows of those users ``(n,)``.
        had: ``(n_users, n_items)``, 1 where a user had an item.
        popularity: Of every item.
    """
    listed = _mean_of_lists(lists, popularity)
    there = np.isfinite(listed)
    own = (had @ popularity) / np.maximum(np.diff(had.indptr), 1)
    before = _mean(own[users][there])
    return _mean(listed[there]) / before - 1.0 if before > 0 else 0.0


def shared_items(lists: Int64Array) -> float:
    """Return how many items two lists have in common, the mean over all pairs of lists.

    0: no two users are shown one item; k: everybody is shown the same.
    """
    n_lists = len(lists)
    if n_lists < 2:
        return 0.0
    shown = np.bincount(lists[lists >= 0]).astype(np.float64)
    return float((shown * (shown - 1.0)).sum() / (n_lists * (n_lists - 1.0)))


def gini(lists: Int64Array, listable: BoolArray) -> float:
    """Return how unevenly places in lists fall to items: 0 all alike, near 1 a few take all.

    Args:
        lists: What is listed.
        listable: ``(n_items,)``, the items that can be listed at all.
    """
    shown = np.bincount(lists[lists >= 0], minlength=len(listable))[listable]
    count, total = len(shown), shown.sum()
    if not total:
        return 0.0
    rank = np.arange(1, count + 1)
    return float((2 * rank - count - 1) @ np.sort(shown) / (count * total))


def _mean_of_lists(lists: Int64Array, value: Float64Array) -> Float64Array:
    """Return the mean of ``value`` over the places of each list, NaN for an empty list."""
    filled = lists >= 0
    counts = filled.sum(axis=1)
    sums = np.where(filled, value[np.maximum(lists, 0)], 0.0).sum(axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _mean(values: Float64Array) -> float:
    there = values[np.isfinite(values)]
    return float(there.mean()) if len(there) else 0.0

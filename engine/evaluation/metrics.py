"""Ranking metrics, one value per user, from a ranked list and what was relevant.

Shapes: ``hits`` is ``(n_users, k) bool``, true where the item
at that rank is relevant; ``relevant`` is ``(n_users,)``, the number of relevant items (> 0).
"""

import numpy as np

from engine.data.arrays import BoolArray, Float64Array, Int64Array


def recall(hits: BoolArray, relevant: Int64Array) -> Float64Array:
    """Return the share of the relevant items that is in the list."""
    return np.asarray(hits.sum(axis=1) / relevant, dtype=np.float64)


def ndcg(hits: BoolArray, relevant: Int64Array) -> Float64Array:
    """Return the discounted gain over that of a perfect list of the same length."""
    k = hits.shape[1]
    discount = 1.0 / np.log2(np.arange(2, k + 2))
    ideal = np.concatenate(([0.0], np.cumsum(discount)))
    return np.asarray((hits @ discount) / ideal[np.minimum(relevant, k)], dtype=np.float64)


def hit_rate(hits: BoolArray, relevant: Int64Array) -> Float64Array:
    """Return 1 where the list holds any relevant item."""
    del relevant
    return np.asarray(hits.any(axis=1), dtype=np.float64)


def reciprocal_rank(hits: BoolArray, relevant: Int64Array) -> Float64Array:
    """Return 1 / rank of the first relevant item, 0 without one; its mean is MRR."""
    del relevant
    first = 1.0 / (hits.argmax(axis=1) + 1.0)
    return np.asarray(np.where(hits.any(axis=1), first, 0.0), dtype=np.float64)


def average_precision(hits: BoolArray, relevant: Int64Array) -> Float64Array:
    """Return the mean over relevant items of the precision at their rank; its mean is MAP."""
    ranks = np.arange(1, hits.shape[1] + 1)
    precision = np.cumsum(hits, axis=1) / ranks
    return np.asarray((precision * hits).sum(axis=1) / relevant, dtype=np.float64)


METRICS = {
    "recall": recall,
    "ndcg": ndcg,
    "hit": hit_rate,
    "mrr": reciprocal_rank,
    "map": average_precision,
}


def coverage(lists: Int64Array, n_items: int) -> float:
    """Return the share of the catalogue that stands in any list; -1 marks an empty place."""
    shown = np.unique(lists[lists >= 0])
    return len(shown) / n_items if n_items else 0.0

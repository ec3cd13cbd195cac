"""Ranking metrics, one value per user, from a ranked list and what was relevant.

May import: nothing of the engine. Shapes: ``hits`` is ``(n_users, k) bool``, true where the item
at that rank is relevant; ``relevant`` is ``(n_users,)``, the number of relevant items (> 0).
"""

import numpy as np
import numpy.typing as npt

Hits = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


def recall(hits: Hits, relevant: Counts) -> Values:
    """Return the share of the relevant items that is in the list."""
    return hits.sum(axis=1) / relevant


def ndcg(hits: Hits, relevant: Counts) -> Values:
    """Return the discounted gain over that of a perfect list of the same length."""
    k = hits.shape[1]
    discount = 1.0 / np.log2(np.arange(2, k + 2))
    ideal = np.concatenate(([0.0], np.cumsum(discount)))
    return (hits @ discount) / ideal[np.minimum(relevant, k)]


def hit_rate(hits: Hits, relevant: Counts) -> Values:
    """Return 1 where the list holds any relevant item."""
    del relevant
    return hits.any(axis=1).astype(np.float64)


def reciprocal_rank(hits: Hits, relevant: Counts) -> Values:
    """Return 1 / rank of the first relevant item, 0 without one; its mean is MRR."""
    del relevant
    return np.where(hits.any(axis=1), 1.0 / (hits.argmax(axis=1) + 1.0), 0.0)


def average_precision(hits: Hits, relevant: Counts) -> Values:
    """Return the mean over relevant items of the precision at their rank; its mean is MAP."""
    ranks = np.arange(1, hits.shape[1] + 1)
    precision = np.cumsum(hits, axis=1) / ranks
    return (precision * hits).sum(axis=1) / relevant


METRICS = {
    "recall": recall,
    "ndcg": ndcg,
    "hit": hit_rate,
    "mrr": reciprocal_rank,
    "map": average_precision,
}


def coverage(lists: npt.NDArray[np.int64], n_items: int) -> float:
    """Return the share of the catalogue that stands in any list; -1 marks an empty place."""
    shown = np.unique(lists[lists >= 0])
    return len(shown) / n_items if n_items else 0.0

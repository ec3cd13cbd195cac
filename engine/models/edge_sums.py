"""Lists by edges: p of the own items times W, of which a list adds up a bounded number of edges.

How long a list takes goes by the edges that it adds up. Who has few own items needs many edges of
each, who has many does as well with the strongest of each, so the same number serves both
(docs/filters.md, "How many edges"). ``cypher/part/filter_profile.cypher`` counts alike.
"""

from functools import cached_property

import numpy as np
from scipy import sparse

from engine.data.arrays import Float32Array, Int64Array

_STEP = 50
"""Edges of an item that count or do not count together: so few products are enough."""


def followed(own_items: Int64Array, most: int) -> Int64Array:
    """Return how many edges of each own item a list adds up: its share in fifties, 50 or more.

    Args:
        own_items: How many items profiles have, ``(n,)``.
        most: Edges of a list.
    """
    each: Int64Array = np.maximum(most // np.maximum(own_items, 1) // _STEP, 1) * _STEP
    return each


class EdgeSums:
    """Sums over the edges of own items.

    Args:
        edges: W, ``(n_items, n_items) float32``.
        most: Edges that a list adds up: those of an item that are farthest from 0 come first, of
            level ones those of smaller columns.
    """

    def __init__(self, edges: sparse.csr_array, most: int) -> None:
        self._edges, self._most = edges, most
        self._longest = int(np.diff(edges.indptr).max(initial=0))

    def __call__(self, profiles: sparse.csr_array) -> Float32Array:
        """Return the scores of all items, ``(b, n_items) float32``, for profiles of that shape."""
        each = followed(np.diff(profiles.indptr).astype(np.int64), self._most)
        if (each >= self._longest).all():
            whole: Float32Array = (profiles @ self._edges).toarray()
            return whole
        scores: Float32Array = np.zeros(profiles.shape, dtype=np.float32)
        for place, part in enumerate(self._parts):
            rows = np.flatnonzero(each > place * _STEP)
            scores[rows] += (profiles[rows] @ part).toarray()
        return scores

    @cached_property
    def _parts(self) -> list[sparse.csr_array]:
        """The strongest fifty edges of each item, the next fifty, and so on."""
        edges = self._edges
        row = np.repeat(np.arange(edges.shape[0]), np.diff(edges.indptr))
        order = np.lexsort((edges.indices, -np.abs(edges.data), row))
        rank = np.empty(edges.nnz, dtype=np.int64)
        rank[order] = np.arange(edges.nnz) - edges.indptr[row]
        parts = []
        for start in range(0, self._longest, _STEP):
            own = (rank >= start) & (rank < start + _STEP)
            cells = edges.data[own], (row[own], edges.indices[own])
            parts.append(sparse.csr_array(cells, shape=edges.shape))
        return parts

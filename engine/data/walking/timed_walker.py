"""Walks that never go back in time: no edge is earlier than the one before.

Nor later by more than a window (Nguyen et al., "Continuous-time dynamic network embeddings", 2018).
A walker stands on an edge, so everything it may do next is known beforehand: a stretch of the
next node's edges in order of time.
"""

import numpy as np
import numpy.typing as npt

from engine.data.arrays import Int32Array, Int64Array
from engine.data.walking.walk_tables import bits, pieces
from engine.data.walking.walker import check_starts


class TimedWalker:
    """The tables for one graph and window.

    Args:
        indptr: ``(n + 1,)``.
        indices: ``(m,)``; parallel edges are welcome.
        at: ``(m,)``, when each edge came to be, in any unit.
        weights: ``(m,)``, or None where all weigh the same.
        window: How much later than the one before an edge may be, in the unit of ``at``; None
            means any time.

    Raises:
        ValueError: The window or a weight is negative.
    """

    def __init__(
        self,
        indptr: Int64Array,
        indices: Int32Array,
        at: Int64Array,
        weights: npt.NDArray[np.floating] | None = None,
        *,
        window: int | None = None,
    ) -> None:
        if window is not None and window < 0:
            raise ValueError("a window is not negative")
        n, m = len(indptr) - 1, len(indices)
        row = np.repeat(np.arange(n, dtype=np.int64), np.diff(indptr))
        moments, rank = np.unique(at, return_inverse=True)
        key = row * len(moments) + rank
        order = np.argsort(key, kind="stable")
        key, rank = key[order], rank[order]
        self._n = n
        self.order = np.append(order, -1)
        self._target = np.append(indices[order], n).astype(np.int32)
        there = self._target[:-1].astype(np.int64) * len(moments)
        first = np.searchsorted(key, there + rank)
        end = indptr[self._target[:-1] + 1]
        if window is not None:
            # Not `at + window`, which may be above what 64 bits hold.
            room = np.iinfo(np.int64).max - moments
            latest = moments + np.minimum(window, room)
            end = np.searchsorted(key, there + np.searchsorted(moments, latest, "right")[rank])
        # The edges that a walker may take from an edge, and before those from a node at the start.
        self._after = _Stretches(first, end, m)
        self._begin = _Stretches(indptr[:-1], indptr[1:], m)
        self._sums = None
        if weights is not None:
            if not (np.isfinite(weights).all() and (weights >= 0).all()):
                raise ValueError("the weight of an edge is a number from 0 up")
            self._sums = np.concatenate([[0.0], np.cumsum(weights[order], dtype=np.float64)])

    def walks(self, starts: Int32Array, length: int, rng: np.random.Generator) -> Int32Array:
        """Return one walk per start, ``(len(starts), length) int32``, -1 after its end.

        The first edge is drawn among all of the start's.

        Raises:
            ValueError: A start is no node, or the length is below 1.
        """
        return self.walks_with_edges(starts, length, rng)[0]

    def walks_with_edges(
        self, starts: Int32Array, length: int, rng: np.random.Generator
    ) -> tuple[Int32Array, Int64Array]:
        """Return the walks, and the places in ``indices`` of their edges, ``(…, length - 1)``.

        Raises:
            ValueError: A start is no node, or the length is below 1.
        """
        check_starts(starts, self._n, length)
        walks = np.empty((len(starts), length), dtype=np.int32)
        taken = np.empty((len(starts), length - 1), dtype=np.int64)
        for piece in pieces(len(starts)):
            walks[piece, 0] = starts[piece]
            at, stretches = starts[piece].astype(np.int64), self._begin
            for step in range(1, length):
                at = self._draw(stretches, at, rng)
                taken[piece, step - 1] = self.order.take(at)
                walks[piece, step] = self._target.take(at)
                stretches = self._after
        walks[walks == self._n] = -1
        return walks, taken

    def _draw(
        self, stretches: "_Stretches", at: Int64Array, rng: np.random.Generator
    ) -> Int64Array:
        """Return one edge of the stretch of each walker; the last of all leads nowhere."""
        first, size = stretches.first.take(at), stretches.size.take(at)
        if self._sums is None:
            number = bits(rng, len(at)) * size
            return first + (number >> np.uint64(32)).view(np.int64)
        nowhere = len(self._target) - 1
        end = np.where(first == nowhere, first, first + size.view(np.int64))
        low, high = self._sums.take(first), self._sums.take(end)
        goal = low + rng.random(len(at)) * (high - low)
        hit = np.searchsorted(self._sums, goal, side="right") - 1
        hit = np.clip(hit, first, np.maximum(end - 1, first))
        return np.where(high > low, hit, nowhere)


class _Stretches:
    """Runs of edges; in place of an empty one stands the edge to nowhere, which leads to itself."""

    def __init__(self, first: Int64Array, end: Int64Array, nowhere: int) -> None:
        empty = end <= first
        self.first = np.append(np.where(empty, nowhere, first), nowhere)
        self.size = np.append(np.where(empty, 1, end - first), 1).astype(np.uint64)

"""node2vec's walks: the next node depends on the one before (Grover and Leskovec, KDD 2016).

From t to v and on to x: an edge weighs w(v, x) times 1/p where x is t, 1 where x is a neighbour
of t, 1/q elsewhere. Drawn exactly, without a table per pair of nodes: an edge is proposed by its
weight and kept with a probability in proportion to its bias. The way back, which alone may be far
likelier than the rest, has a part of the dice to itself (Yang et al., "KnightKing", SOSP 2019),
and a walker that is refused often has all its edges weighed.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.data.arrays import BoolArray, Float64Array, Int32Array, Int64Array
from engine.data.walking.walk_tables import Rows, pieces
from engine.data.walking.walker import check_starts

# A walker's edges are all weighed once that costs no more than its proposals have.
_PROPOSALS_PER_EDGE = 0.5
_PROPOSED_AT_ONCE = 4_096
_WEIGHED_AT_ONCE = 1 << 20
_FILTER_BITS = 24


class BiasedWalker:
    """The tables for one graph and one p and q.

    Args:
        indptr: ``(n + 1,)``.
        indices: ``(m,)``, ascending within a node, without parallel edges.
        weights: ``(m,)``, or None where all weigh the same.
        p: Return parameter: high means a walk seldom goes back at once.
        q: In-out parameter: low means a walk goes away from where it was.

    Raises:
        ValueError: A row is not in order, or p, q or a weight is out of range.
    """

    def __init__(
        self,
        indptr: Int64Array,
        indices: Int32Array,
        weights: npt.NDArray[np.floating] | None = None,
        *,
        p: float = 1.0,
        q: float = 1.0,
    ) -> None:
        if not (0 < p < np.inf and 0 < q < np.inf):
            raise ValueError("p and q are above 0")
        self._rows = Rows.from_csr(indptr, indices, weights)
        self._weights = None if weights is None else np.append(weights, 1.0)
        self._edges = _EdgeSet(indptr, indices)
        self._back, self._near, self._far = 1 / p, 1.0, 1 / q
        self._high = max(self._near, self._far)
        self._low = min(self._near, self._far)
        self._own_part = None
        if self._back > self._high:
            self._own_part = self._ways_back(indptr, indices)

    def walks(self, starts: Int32Array, length: int, rng: np.random.Generator) -> Int32Array:
        """Return one walk per start, ``(len(starts), length) int32``, -1 after its end.

        Raises:
            ValueError: A start is no node, or the length is below 1.
        """
        rows = self._rows
        check_starts(starts, len(rows), length)
        walks = np.empty((len(starts), length), dtype=np.int32)
        for piece in pieces(len(starts)):
            path = np.empty((length, len(walks[piece])), dtype=np.int32)
            path[0] = starts[piece]
            if length > 1:
                edge = rows.draw(path[0], rng)
                path[1] = rows.target.take(edge)
            for at in range(2, length):
                edge = self._step(path[at - 2], path[at - 1], edge, rng)
                path[at] = rows.target.take(edge)
            walks[piece] = path.T
        if rows.may_end:
            walks[walks == rows.n_targets] = -1
        return walks

    def _step(
        self, before: Int32Array, node: Int32Array, came: Int64Array, rng: np.random.Generator
    ) -> Int64Array:
        """Return the place of the next edge of walkers that came by an edge from ``before``."""
        chosen = np.empty(len(node), dtype=np.int64)
        open_, proposals = np.arange(len(node)), 0
        while len(open_):
            # The fewer are left, the more proposals each gets at once: the first kept one counts.
            each = max(_PROPOSED_AT_ONCE // len(open_), 1)
            state = (before, node, came) if each == 1 else _repeated(each, before, node, came)
            edge, kept = self._propose(*state, rng)
            if each > 1:
                edge, kept = _first_kept(edge.reshape(-1, each), kept.reshape(-1, each))
            chosen[open_[kept]] = edge[kept]
            proposals += each
            small = self._rows.degree.take(node) * _PROPOSALS_PER_EDGE <= proposals
            if (weighed := np.flatnonzero(small & ~kept)).size:
                chosen[open_[weighed]] = self._weigh(before[weighed], node[weighed], rng)
            left = np.flatnonzero(~(kept | small))
            open_, before, node, came = open_[left], before[left], node[left], came[left]
        return chosen

    def _propose(
        self, before: Int32Array, node: Int32Array, came: Int64Array, rng: np.random.Generator
    ) -> tuple[Int64Array, BoolArray]:
        """Return an edge for every walker and whether it is kept."""
        rows = self._rows
        edge = rows.draw(node, rng)
        reached = rows.target.take(edge)
        dart = rng.random(len(node)) * self._high
        kept = dart < self._low
        asked = np.flatnonzero((dart < self._high) & ~kept)
        near = self._edges.has(before[asked], reached[asked])
        kept[asked] = near == (self._near > self._far)
        returns = reached == before
        kept[returns] = dart[returns] < self._back
        if self._own_part is not None:
            share, place = self._own_part
            home = rng.random(len(node)) < share.take(came)
            edge[home] = place.take(came[home])
            kept |= home
        if rows.may_end:
            kept |= reached == rows.n_targets
        return edge, kept

    def _ways_back(
        self, indptr: Int64Array, indices: Int32Array
    ) -> tuple[Float64Array, Int64Array]:
        """Return, per edge, how often a dart hits the way back's own part, and that way."""
        rows = self._rows
        source = np.repeat(np.arange(len(rows), dtype=np.int32), np.diff(indptr))
        place = np.append(self._edges.place(indices, source), -1)
        exists = place >= 0
        weights = np.ones(len(rows.target)) if self._weights is None else self._weights
        sums = np.concatenate([[0.0], np.cumsum(weights[:-1], dtype=np.float64)])
        totals = np.append(sums[indptr[1:]] - sums[indptr[:-1]], 1.0)
        total = totals[rows.target]
        exists &= total > 0
        share = np.zeros(len(place))
        part = weights[place[exists]] / total[exists] * (self._back - self._high)
        share[exists] = part / (part + self._high)
        return share, place

    def _weigh(self, before: Int32Array, node: Int32Array, rng: np.random.Generator) -> Int64Array:
        """Return an edge of every walker, drawn after weighing all there are."""
        chosen = np.empty(len(node), dtype=np.int64)
        sizes = self._rows.degree.take(node).astype(np.int64)
        group = np.cumsum(sizes) // _WEIGHED_AT_ONCE
        for number in np.unique(group):
            some = np.flatnonzero(group == number)
            end = np.cumsum(sizes[some])
            whose = np.repeat(np.arange(len(some)), sizes[some])
            edge = np.arange(end[-1]) - np.repeat(end - sizes[some], sizes[some])
            edge += self._rows.first.take(node[some])[whose]
            reached, came_from = self._rows.target.take(edge), before[some][whose]
            near = self._edges.has(came_from, reached)
            weight = np.where(near, self._near, self._far)
            weight[reached == came_from] = self._back
            if self._weights is not None:
                weight *= self._weights.take(edge)
            sums = np.concatenate([[0.0], np.cumsum(weight)])
            low, high = sums[end - sizes[some]], sums[end]
            goal = low + rng.random(len(some)) * (high - low)
            hit = np.searchsorted(sums, goal, side="right") - 1
            chosen[some] = edge[np.clip(hit, end - sizes[some], end - 1)]
        return chosen


def _repeated(
    times: int, before: Int32Array, node: Int32Array, came: Int64Array
) -> tuple[Int32Array, Int32Array, Int64Array]:
    return np.repeat(before, times), np.repeat(node, times), np.repeat(came, times)


def _first_kept(edge: Int64Array, kept: BoolArray) -> tuple[Int64Array, BoolArray]:
    """Return of each row of proposals the first that is kept, and whether any is."""
    row = np.arange(len(edge))
    first = kept.argmax(axis=1)
    return edge[row, first], kept[row, first]


@dataclass(frozen=True, eq=False)
class _Keys:
    sorted: Int64Array
    filter: BoolArray


class _EdgeSet:
    """Which pairs of nodes have an edge: most questions are answered by one look-up in a filter."""

    def __init__(self, indptr: Int64Array, indices: Int32Array) -> None:
        self._n = len(indptr)  # one more than there are nodes: nowhere has a number too
        source = np.repeat(np.arange(self._n - 1, dtype=np.int64), np.diff(indptr))
        keys = source * self._n + indices
        if not (np.diff(keys) > 0).all():
            raise ValueError("edges must be ascending within a node, and not parallel")
        filter_ = np.zeros(1 << _FILTER_BITS, dtype=np.bool_)
        filter_[_spread(keys)] = True
        self._keys = _Keys(keys, filter_)

    def has(self, source: Int32Array, target: Int32Array) -> BoolArray:
        """Return whether there is an edge from each source to its target."""
        keys = source.astype(np.int64) * self._n + target
        found = self._keys.filter.take(_spread(keys))
        maybe = np.flatnonzero(found)
        found[maybe] = self._place(keys[maybe]) >= 0
        return found

    def place(self, source: Int32Array, target: Int32Array) -> Int64Array:
        """Return the places of edges in the table, -1 where there is none."""
        return self._place(source.astype(np.int64) * self._n + target)

    def _place(self, keys: Int64Array) -> Int64Array:
        known = self._keys.sorted
        if not len(known):
            return np.full(len(keys), -1, dtype=np.int64)
        place = np.searchsorted(known, keys)
        np.minimum(place, len(known) - 1, out=place)
        return np.where(known.take(place) == keys, place, -1)


def _spread(keys: Int64Array) -> Int64Array:
    """Return where in the filter a key has its mark (Fibonacci hashing)."""
    mixed = keys.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(64 - _FILTER_BITS)).view(np.int64)

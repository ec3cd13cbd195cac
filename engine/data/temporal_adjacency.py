"""Temporal adjacency: whom a node met last before a moment, from events in memory.

Users and items are nodes, users first, and an event joins two of them at its time. What ``newest``
returns for a node and a moment is what ``cypher/sample/recent`` returns of the graph: the newest
events strictly earlier than the moment.
"""

from dataclasses import dataclass

import numpy as np

from engine.data.arrays import BoolArray, Int64Array
from engine.data.interactions import Interactions
from engine.data.sequences import order


@dataclass(frozen=True, eq=False)
class RecentNeighbours:
    """The newest neighbours of some nodes at some moments, a row each, newest first.

    Attributes:
        nodes: ``(n, width) int64``; 0 where a row is empty.
        at: ``(n, width) int64`` epoch milliseconds of the events; 0 where a row is empty.
        counts: ``(n,) int64`` events of each row, which stand at its left.
    """

    nodes: Int64Array
    at: Int64Array
    counts: Int64Array

    @property
    def inside(self) -> BoolArray:
        """Which places hold an event, ``(n, width)``."""
        return np.arange(self.nodes.shape[1]) < self.counts[:, None]


class TemporalAdjacency:
    """The events of every node in order of time.

    Events of one node and one moment have no order: they come by the row of the other node.

    Attributes:
        n_nodes: Users and items.
        newest_at: Epoch milliseconds of the newest event; 0 without any.

    Args:
        train: Events with times; the same pair may meet again.

    Raises:
        DataError: An event has no time.
    """

    def __init__(self, train: Interactions) -> None:
        order(train)  # refuses events without a time
        self.n_nodes = train.n_users + train.n_items
        user, item = train.user.astype(np.int64), train.item.astype(np.int64) + train.n_users
        node, other = np.concatenate([user, item]), np.concatenate([item, user])
        at = np.concatenate([train.at, train.at])
        placed = np.lexsort((other, at, node))
        self._other, self._at = other[placed], at[placed]
        self._moments = np.unique(train.at)
        self.newest_at = int(self._moments[-1]) if len(self._moments) else 0
        # A node and a moment are one number: moments by their rank, so that none is too large.
        self._keys = self.keys(node[placed], self._at)
        self._starts = np.searchsorted(node[placed], np.arange(self.n_nodes))

    def keys(self, nodes: Int64Array, at: Int64Array) -> Int64Array:
        """Return a number for each node and moment, equal where the same events are earlier."""
        rank = np.searchsorted(self._moments, at)
        keys: Int64Array = nodes * (len(self._moments) + 1) + rank
        return keys

    def newest(self, nodes: Int64Array, before: Int64Array, k: int) -> RecentNeighbours:
        """Return the newest events of nodes, strictly earlier than a moment for each.

        Args:
            nodes: ``(n,)`` rows of users, or of items behind them.
            before: ``(n,)`` epoch milliseconds.
            k: Events of a node at most.
        """
        end = np.searchsorted(self._keys, self.keys(nodes, before))
        counts = np.minimum(end - self._starts[nodes], k)
        width = max(1, int(counts.max(initial=1)))
        places = end[:, None] - 1 - np.arange(width)
        inside = np.arange(width) < counts[:, None]
        if not len(self._other):
            return RecentNeighbours(np.zeros_like(places), np.zeros_like(places), counts)
        places = np.where(inside, places, 0)
        return RecentNeighbours(
            np.where(inside, self._other[places], 0), np.where(inside, self._at[places], 0), counts
        )


def stretches(at: Int64Array, count: int) -> Int64Array:
    """Return where stretches of time begin and end, ``(m + 1,)``, none of them within a moment.

    Args:
        at: ``(n,)`` epoch milliseconds, ascending.
        count: How many of about one length are wanted; there are at least one and no more than
            there are moments.
    """
    begins = np.unique(at, return_index=True)[1]
    count = max(1, min(count, len(begins)))
    cuts = np.arange(count + 1) * len(at) // count
    cuts[1:-1] = between_moments(begins, cuts[1:-1])
    return cuts


def between_moments(begins: Int64Array, cuts: Int64Array) -> Int64Array:
    """Return where moments begin, at the cuts or behind them, and each another one.

    Args:
        begins: Ascending, more than there are cuts; the first moment begins at 0.
        cuts: Ascending.
    """
    first = np.arange(1, len(cuts) + 1)  # the moment of each cut, were all as early as can be
    later = np.searchsorted(begins, cuts) - first
    later = np.clip(np.maximum.accumulate(later), 0, len(begins) - len(cuts) - 1)
    found: Int64Array = begins[first + later]
    return found

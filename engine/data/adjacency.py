"""Graph: nodes of several labels in one numbering, edges as compressed sparse rows.

What walks, samplers, similarities and PageRank work on once the edges are out of the database. May
import: ``vocabulary``, ``interactions``, ``errors`` (and NumPy, SciPy).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from engine.data.arrays import BoolArray, Float32Array, Int32Array, Int64Array, IntArray
from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary


@dataclass(frozen=True)
class EdgeList:
    """Edges in any order, by the positions of their ends.

    Attributes:
        source: ``(m,)`` integers.
        target: ``(m,)`` integers.
        weights: ``(m,) float32``, or None where all weigh the same.
        at: ``(m,) int64``, milliseconds since 1970, or None.
    """

    source: IntArray
    target: IntArray
    weights: Float32Array | None = None
    at: Int64Array | None = None

    @classmethod
    def none(cls, *, weighted: bool = False, timed: bool = False) -> "EdgeList":
        """Return no edges."""
        ends = np.empty(0, dtype=np.int64)
        weights = ends.astype(np.float32) if weighted else None
        return cls(ends, ends, weights, ends if timed else None)

    @classmethod
    def joined(cls, parts: Sequence["EdgeList"]) -> "EdgeList":
        """Return the edges of all parts; either all parts have weights, or times, or none has."""
        weights = [one.weights for one in parts if one.weights is not None]
        at = [one.at for one in parts if one.at is not None]
        return cls(
            np.concatenate([one.source for one in parts]),
            np.concatenate([one.target for one in parts]),
            np.concatenate(weights) if weights else None,
            np.concatenate(at) if at else None,
        )

    def __len__(self) -> int:
        return len(self.source)

    def take(self, chosen: IntArray | BoolArray) -> "EdgeList":
        """Return some of the edges, in the order of ``chosen``."""
        return EdgeList(
            self.source[chosen],
            self.target[chosen],
            None if self.weights is None else self.weights[chosen],
            None if self.at is None else self.at[chosen],
        )


@dataclass(frozen=True, eq=False)
class Graph:
    """A graph in memory; ``n`` nodes, ``m`` stored edges (an undirected edge is stored twice).

    The nodes of the first label come first, then those of the second, each in the order of its
    vocabulary, so a user and an item may have the same id.

    Attributes:
        nodes: Label to its ids.
        indptr: ``(n + 1,) int64``; the edges of node ``v`` are ``indptr[v]:indptr[v + 1]``.
        indices: ``(m,) int32`` ends of the edges, ascending within a node, parallel edges oldest
            first.
        weights: ``(m,) float32``, or None where all weigh the same.
        at: ``(m,) int64``, milliseconds since 1970, or None.
    """

    nodes: Mapping[str, Vocabulary]
    indptr: Int64Array
    indices: Int32Array
    weights: Float32Array | None = None
    at: Int64Array | None = None

    @classmethod
    def from_edges(
        cls,
        nodes: Mapping[str, Vocabulary],
        edges: EdgeList,
        *,
        undirected: bool = False,
        merge: bool = False,
    ) -> "Graph":
        """Sort edges into rows.

        Args:
            nodes: Label to its ids; the positions in ``edges`` count through all of them.
            edges: In any order.
            undirected: Store every edge in both rows; a loop stays one.
            merge: Make one edge of parallel ones: weights are added, the newest ``at`` stays.
        """
        n = sum(len(ids) for ids in nodes.values())
        if undirected:
            edges = _both_ways(edges)
        order = _by_row(edges, n)
        edges = edges.take(order)
        if merge and len(order):
            edges = _merged(edges)
        counts = np.bincount(edges.source, minlength=n)
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return cls(dict(nodes), indptr, edges.target.astype(np.int32), edges.weights, edges.at)

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def n_edges(self) -> int:
        """Stored edges: an undirected one counts twice."""
        return len(self.indices)

    @cached_property
    def offsets(self) -> Mapping[str, int]:
        """Label to the position of its first node."""
        sizes = [len(ids) for ids in self.nodes.values()]
        starts = np.concatenate([[0], np.cumsum(sizes)]).tolist()
        return dict(zip(self.nodes, starts, strict=False))

    @cached_property
    def degree(self) -> Int64Array:
        """Stored edges of every node, ``(n,) int64``."""
        return np.diff(self.indptr)

    def position(self, label: str, id_: str) -> int | None:
        """Return the position of a node, or None where there is none of that label and id."""
        ids = self.nodes.get(label)
        row = None if ids is None else ids.index_of(id_)
        return None if row is None else self.offsets[label] + row

    def span(self, label: str) -> slice:
        """Return which positions the nodes of a label have.

        Raises:
            KeyError: The graph has no such label.
        """
        start = self.offsets[label]
        return slice(start, start + len(self.nodes[label]))

    def name(self, position: int) -> tuple[str, str]:
        """Return the label and id of the node at a position.

        Raises:
            IndexError: No node has that position.
        """
        for label, ids in self.nodes.items():
            row = position - self.offsets[label]
            if 0 <= row < len(ids):
                return label, ids.ids[row]
        raise IndexError(position)

    def scipy(self) -> sparse.csr_array:
        """Return the ``(n, n) float64`` adjacency matrix; parallel edges stay beside each other."""
        weights = np.ones(self.n_edges) if self.weights is None else self.weights
        return sparse.csr_array(
            (weights.astype(np.float64), self.indices, self.indptr), shape=(len(self), len(self))
        )


def from_interactions(known: Interactions, *, merge: bool = False) -> Graph:
    """Return events between users and items as an undirected graph, weights and times included."""
    edges = EdgeList(known.user, known.item + np.int32(known.n_users), known.weight, known.at)
    nodes = {"User": known.users, "Item": known.items}
    return Graph.from_edges(nodes, edges, undirected=True, merge=merge)


def _both_ways(edges: EdgeList) -> EdgeList:
    back = edges.take(edges.source != edges.target)
    return EdgeList(
        np.concatenate([edges.source, back.target]),
        np.concatenate([edges.target, back.source]),
        None
        if edges.weights is None or back.weights is None
        else np.concatenate([edges.weights, back.weights]),
        None if edges.at is None or back.at is None else np.concatenate([edges.at, back.at]),
    )


def _by_row(edges: EdgeList, n: int) -> IntArray:
    """Return the order by source, then target, then time."""
    order = np.arange(len(edges.source), dtype=np.int32)
    if edges.at is not None:
        order = np.argsort(edges.at, kind="stable").astype(np.int32)
    for end in (edges.target, edges.source):
        order = order[_counted(end[order], n)]
    return order


def _counted(values: IntArray, n: int) -> IntArray:
    """Return the stable order of integers below ``n``, in linear time.

    A matrix with one entry per row, asked for by column, lists its rows sorted by their column.
    """
    m = len(values)
    rows = sparse.csr_array(
        (np.ones(m, dtype=np.int8), values.astype(np.int32), np.arange(m + 1, dtype=np.int32)),
        shape=(m, n),
    )
    order: IntArray = rows.tocsc().indices
    return order


def _merged(edges: EdgeList) -> EdgeList:
    """Make one edge of those that follow each other between the same nodes."""
    new = (np.diff(edges.source, prepend=-1) != 0) | (np.diff(edges.target, prepend=-1) != 0)
    first = np.flatnonzero(new)
    weights, at = edges.weights, edges.at
    return EdgeList(
        edges.source[first],
        edges.target[first],
        None if weights is None else np.add.reduceat(weights, first, dtype=np.float32),
        None if at is None else np.maximum.reduceat(at, first),
    )

"""Neighbours by visit counts, as PinSage pools them (Ying et al., KDD 2018, section 3.2).

From every item walk item, user, item, … with restart; the items visited most are its neighbours,
and the visits, made to sum to 1, their weights.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from engine.data.adjacency import Graph
from engine.data.arrays import Float32Array, Int32Array
from engine.data.walking.walk_tables import Rows, pieces
from engine.errors import UsageError

_NODES_AT_ONCE = 2_000
_WALKS_AT_ONCE = 20
_MOST = {"top": 1_000, "walks": 100_000, "length": 1_000}


@dataclass(frozen=True)
class VisitPlan:
    """How visits are counted.

    A walk makes ``length`` double steps, to a neighbour and on to a node of the label, by the
    weights of the edges where there are any; before each it goes back to its start with the
    probability ``restart``. Visits of the start itself do not count.

    Attributes:
        top: Neighbours to keep, 1 to 1000.
        walks: Walks from every node, 1 to 100000.
        length: Double steps per walk, 1 to 1000.
        restart: Probability, 0 to 1.
    """

    top: int = 50
    walks: int = 100
    length: int = 10
    restart: float = 0.5

    def __post_init__(self) -> None:
        """Refuse what cannot be walked.

        Raises:
            UsageError: Names the parameter that is out of range.
        """
        for name, most in _MOST.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
                raise UsageError(
                    f"parameter {name} must be a whole number from 1 up to {most}, not {value!r}"
                )
        restart = self.restart
        if (
            isinstance(restart, bool)
            or not isinstance(restart, int | float)
            or not 0 <= restart <= 1
        ):
            raise UsageError(f"parameter restart must be a number from 0 up to 1, not {restart!r}")


@dataclass(frozen=True)
class VisitCounts:
    """The neighbours of some nodes of a label, most visited first, ties by row.

    Attributes:
        neighbours: ``(n, top) int32`` rows within the label; -1 where a node has fewer.
        weights: ``(n, top) float32``, sum to 1 for a node with a neighbour; 0 where it has fewer.
    """

    neighbours: Int32Array
    weights: Float32Array

    def first(self, top: int) -> "VisitCounts":
        """Return the same with fewer neighbours; their weights sum to 1 again."""
        weights = self.weights[:, :top]
        total = weights.sum(axis=1, keepdims=True)
        shares = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
        return VisitCounts(self.neighbours[:, :top], shares)


def visit_counts(
    graph: Graph,
    rng: np.random.Generator,
    plan: VisitPlan | None = None,
    *,
    label: str = "Item",
    of: slice | None = None,
) -> VisitCounts:
    """Return the most visited neighbours of nodes of a label.

    Args:
        graph: Between nodes of the label and others; edges are walked in the way they are stored.
        rng: Source of every choice.
        plan: How visits are counted.
        label: Whose neighbours are wanted.
        of: Rows within the label that are asked about; None: all.

    Raises:
        UsageError: The graph has no such label.
    """
    plan = plan or VisitPlan()
    if label not in graph.nodes:
        raise UsageError(f"parameter label: no label {label!r} here")
    span = graph.span(label)
    asked = range(span.stop - span.start)[of or slice(None)]
    rows = Rows.from_csr(graph.indptr, graph.indices, graph.weights)
    neighbours = np.full((len(asked), plan.top), -1, dtype=np.int32)
    weights = np.zeros((len(asked), plan.top), dtype=np.float32)
    for piece in pieces(len(asked), _NODES_AT_ONCE):
        own = asked[piece]
        visits = _counted(rows, span, own, plan, rng)
        neighbours[piece], weights[piece] = _top(visits, plan.top)
    return VisitCounts(neighbours, weights)


def _counted(
    rows: Rows, span: slice, own: range, plan: VisitPlan, rng: np.random.Generator
) -> sparse.csr_array:
    """Return how often walks from some nodes visit each, ``(len(own), n)`` by rows in the label."""
    shape = (len(own), span.stop - span.start)
    counts = sparse.csr_array(shape, dtype=np.int32)
    # A few walks of every node at a time, and of those only the counts are kept: as a matrix,
    # since its making adds up equal cells in linear time.
    for some in pieces(plan.walks, _WALKS_AT_ONCE):
        starts = np.tile(np.array(own, np.int32) + np.int32(span.start), some.stop - some.start)
        cells = list(_visits(rows, starts, span, plan, rng))
        start = np.concatenate([one for one, _ in cells]) - np.int32(own.start)
        node = np.concatenate([one for _, one in cells])
        ones = np.ones(len(node), dtype=np.int32)
        counts = counts + sparse.csr_array((ones, (start, node)), shape=shape)
    return counts


def _visits(
    rows: Rows, starts: Int32Array, span: slice, plan: VisitPlan, rng: np.random.Generator
) -> Iterator[tuple[Int32Array, Int32Array]]:
    """Yield start and node of the visits of every double step, by their rows within the label."""
    node, first = starts, np.int32(span.start)
    for _ in range(plan.length):
        if plan.restart:
            node = np.where(rng.random(len(node)) < plan.restart, starts, node)
        middle = rows.target.take(rows.draw(node, rng))
        reached = rows.target.take(rows.draw(middle, rng))
        # A walk that cannot go on begins again: from a node without edges it visits nothing.
        inside = (reached >= span.start) & (reached < span.stop)
        counts = inside & (reached != starts)
        yield starts[counts] - first, reached[counts] - first
        node = np.where(inside, reached, starts)


def _top(visits: sparse.csr_array, top: int) -> tuple[Int32Array, Float32Array]:
    """Return the most visited of every start and their shares."""
    size = np.diff(visits.indptr)
    start = np.repeat(np.arange(len(size)), size)
    order = np.lexsort((visits.indices, -visits.data, start))
    node, count = visits.indices[order], visits.data[order]
    rank = np.arange(len(start)) - np.repeat(np.cumsum(size) - size, size)
    kept = rank < top
    start, node, count, rank = start[kept], node[kept], count[kept], rank[kept]
    neighbours = np.full((len(size), top), -1, dtype=np.int32)
    weights = np.zeros((len(size), top), dtype=np.float32)
    neighbours[start, rank] = node
    total = np.bincount(start, weights=count, minlength=len(size))
    weights[start, rank] = count / total[start]
    return neighbours, weights

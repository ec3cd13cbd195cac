"""Neighbours by visit counts, as PinSage pools them (Ying et al., KDD 2018, section 3.2).

From every item walk item, user, item, … with restart; the items visited most are its neighbours,
and the visits, made to sum to 1, their weights. May import: ``data``, ``errors``.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.data.adjacency import Graph
from engine.data.walk_tables import Nodes, Rows, pieces
from engine.errors import UsageError

_ITEMS_AT_ONCE = 2_000


@dataclass(frozen=True)
class VisitCounts:
    """The neighbours of every node of a label, most visited first, ties by row.

    Attributes:
        neighbours: ``(n, top) int32`` rows within the label; -1 where a node has fewer.
        weights: ``(n, top) float32``, sum to 1 for a node with a neighbour; 0 where it has fewer.
    """

    neighbours: Nodes
    weights: npt.NDArray[np.float32]


def visit_counts(
    graph: Graph,
    rng: np.random.Generator,
    *,
    label: str = "Item",
    top: int = 50,
    walks: int = 100,
    length: int = 10,
    restart: float = 0.5,
) -> VisitCounts:
    """Return the most visited neighbours of every node of a label.

    A walk makes ``length`` double steps, to a neighbour and on to a node of the label, by the
    weights of the edges where there are any; before each it goes back to its start with the
    probability ``restart``. Visits of the start itself do not count.

    Args:
        graph: Undirected, between nodes of the label and others.
        rng: Source of every choice.
        label: Whose neighbours are wanted.
        top: Neighbours to keep, 1 to 1000.
        walks: Walks from every node, 1 to 100000.
        length: Double steps per walk, 1 to 1000.
        restart: Probability, 0 to 1.

    Raises:
        UsageError: Names the parameter that is out of range, or the label that is not there.
    """
    for name, value, most in (
        ("top", top, 1_000),
        ("walks", walks, 100_000),
        ("length", length, 1_000),
    ):
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            raise UsageError(
                f"parameter {name} must be a whole number from 1 up to {most}, not {value!r}"
            )
    if isinstance(restart, bool) or not isinstance(restart, int | float) or not 0 <= restart <= 1:
        raise UsageError(f"parameter restart must be a number from 0 up to 1, not {restart!r}")
    if label not in graph.nodes:
        raise UsageError(f"parameter label: no label {label!r} here")
    span = graph.span(label)
    n = span.stop - span.start
    rows = Rows.from_csr(graph.indptr, graph.indices, graph.weights)
    neighbours = np.full((n, top), -1, dtype=np.int32)
    weights = np.zeros((n, top), dtype=np.float32)
    for piece in pieces(n, _ITEMS_AT_ONCE):
        own = np.arange(piece.start, piece.stop)
        keys: list[npt.NDArray[np.int64]] = []
        counts: list[npt.NDArray[np.int64]] = []
        # A few walks of every item at a time, and of those only the counts are kept.
        for some in pieces(walks, 20):
            starts = np.tile(own, some.stop - some.start).astype(np.int32) + np.int32(span.start)
            visited = _visits(rows, starts, span, length, restart, rng)
            key, count = np.unique(visited, return_counts=True)
            keys.append(key)
            counts.append(count)
        neighbours[piece], weights[piece] = _top(keys, counts, piece, n, top)
    return VisitCounts(neighbours, weights)


def _visits(
    rows: Rows,
    starts: Nodes,
    span: slice,
    length: int,
    restart: float,
    rng: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """Return every visit as start times n plus node, both by their rows within the label."""
    n = span.stop - span.start
    node, visits = starts, []
    for _ in range(length):
        if restart:
            node = np.where(rng.random(len(node)) < restart, starts, node)
        middle = rows.target.take(rows.draw(node, rng))
        reached = rows.target.take(rows.draw(middle, rng))
        # A walk that cannot go on begins again: from a node without edges it visits nothing.
        counts = (reached >= span.start) & (reached < span.stop) & (reached != starts)
        visits.append(
            (starts[counts].astype(np.int64) - span.start) * n + reached[counts] - span.start
        )
        node = np.where((reached >= span.start) & (reached < span.stop), reached, starts)
    return np.concatenate(visits)


def _top(
    keys: list[npt.NDArray[np.int64]],
    counts: list[npt.NDArray[np.int64]],
    piece: slice,
    n: int,
    top: int,
) -> tuple[Nodes, npt.NDArray[np.float32]]:
    """Return the most visited of every start of a piece and their shares."""
    key, inverse = np.unique(np.concatenate(keys), return_inverse=True)
    count = np.bincount(inverse, weights=np.concatenate(counts), minlength=len(key))
    start, node = key // n - piece.start, key % n
    order = np.lexsort((node, -count, start))
    start, node, count = start[order], node[order], count[order]
    size = np.bincount(start, minlength=piece.stop - piece.start)
    rank = np.arange(len(start)) - np.repeat(np.cumsum(size) - size, size)
    kept = rank < top
    start, node, count, rank = start[kept], node[kept], count[kept], rank[kept]
    neighbours = np.full((piece.stop - piece.start, top), -1, dtype=np.int32)
    weights = np.zeros((piece.stop - piece.start, top), dtype=np.float32)
    neighbours[start, rank] = node
    total = np.bincount(start, weights=count, minlength=len(neighbours))
    weights[start, rank] = count / total[start]
    return neighbours, weights

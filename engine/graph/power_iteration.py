"""PageRank of the nodes of a graph in memory (Page, Brin, Motwani and Winograd 1999).

    PR(p) = (1 - d) r(p) + d (sum over q -> p of PR(q) w(q, p) / w(q) + r(p) * dangling mass)

where ``r`` is uniform, or uniform over a restart set (personalised), ``w(q)`` is the weight of all
edges from ``q``, and the dangling mass is the PageRank of nodes without edges. Scores add up to 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.data.adjacency import Graph
from engine.data.arrays import Float64Array
from engine.data.vocabulary import Vocabulary
from engine.errors import NotFound, UsageError


@dataclass(frozen=True)
class PageRankOptions:
    """How to rank.

    Attributes:
        damping: Chance to follow an edge rather than to restart, 0 to 1; 1 is undamped.
        tolerance: Stop when the scores change by no more than this in all.
        iterations: Stop after as many, at least 1.
        weight: Property of the edges that weighs them, 1 where an edge has none; None: all alike.
        undirected: Whether edges lead both ways.
        restart: Label and id of the nodes to restart from; none means all nodes.
        gds: Whether the plugin works; None: where the server has it and it can.
    """

    damping: float = 0.85
    tolerance: float = 1e-8
    iterations: int = 1_000
    weight: str | None = None
    undirected: bool = True
    restart: Sequence[tuple[str, str]] = ()
    gds: bool | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be computed.

        Raises:
            UsageError: Names the parameter.
        """
        _check_number("damping", self.damping, 0.0, 1.0)
        _check_number("tolerance", self.tolerance, 0.0, 1.0)
        iterations = self.iterations
        if isinstance(iterations, bool) or not isinstance(iterations, int) or iterations < 1:
            raise UsageError(
                f"parameter iterations must be a whole number from 1, not {iterations!r}"
            )
        if self.gds and self.damping == 1.0:
            raise UsageError(
                "parameter damping must be below 1 with Graph Data Science",
                hint="leave gds out, and the graph is pulled",
            )


@dataclass(frozen=True)
class RankedNode:
    """A node and its score."""

    label: str
    id: str
    score: float


@dataclass(frozen=True)
class PageRankScores:
    """The PageRank of every node.

    Attributes:
        nodes: Label to its ids; the scores count through all of them.
        scores: ``(n,) float64``; they add up to 1.
        iterations: How many it took here; None where the plugin did it.
        converged: Whether the tolerance was reached; None where the plugin did it.
    """

    nodes: Mapping[str, Vocabulary]
    scores: Float64Array
    iterations: int | None = None
    converged: bool | None = None

    def of(self, label: str) -> Float64Array:
        """Return the scores of the nodes of a label, in the order of its vocabulary.

        Raises:
            UsageError: No such label was ranked.
        """
        start = 0
        for name, ids in self.nodes.items():
            if name == label:
                return self.scores[start : start + len(ids)]
            start += len(ids)
        raise UsageError(f"parameter label must be one of {', '.join(self.nodes)}, not {label!r}")

    def top(self, n: int = 10, label: str | None = None) -> list[RankedNode]:
        """Return the ``n`` best, best first, of one label or of all.

        Raises:
            UsageError: No such label was ranked, or n is below 1.
        """
        if isinstance(n, bool) or not isinstance(n, int) or n < 1:
            raise UsageError(f"parameter n must be a whole number from 1, not {n!r}")
        found: list[RankedNode] = []
        for name in self.nodes if label is None else [label]:
            scores, ids = self.of(name), self.nodes[name].ids
            for at in np.argsort(-scores, kind="stable")[:n].tolist():
                found.append(RankedNode(name, ids[at], float(scores[at])))
        return sorted(found, key=lambda one: (-one.score, one.label, one.id))[:n]


def of_pulled(graph: Graph, options: PageRankOptions | None = None) -> PageRankScores:
    """Rank the nodes of a graph in memory by power iteration.

    Its own ``weights`` weigh the edges; ``weight``, ``undirected`` and ``gds`` of the options do
    not matter. Undamped, each step is averaged with the one before: that has the same fixed points,
    and two sides of a bipartite graph would otherwise take turns for ever.

    Raises:
        NotFound: A node to restart from does not exist.
        UsageError: A weight is below 0 or no number.
    """
    options = options or PageRankOptions()
    n = len(graph)
    if graph.weights is not None and not (graph.weights >= 0).all():
        raise bad_weight(options.weight)
    if n == 0:
        return PageRankScores(graph.nodes, np.empty(0), 0, True)
    forward = graph.scipy()
    out = np.asarray(forward.sum(axis=1)).ravel()
    dangling = np.flatnonzero(out == 0.0)
    share = np.divide(options.damping, out, out=np.zeros(n), where=out > 0.0)
    back = forward.T
    restart = _restart(graph, options.restart)
    scores = np.full(n, 1.0 / n)
    for step in range(1, options.iterations + 1):
        lost = options.damping * scores[dangling].sum() + 1.0 - options.damping
        following = back @ (scores * share) + lost * restart
        if options.damping == 1.0:
            following = 0.5 * (following + scores)
        change = float(np.abs(following - scores).sum())
        # Rounding must not add up over many steps.
        scores = following / following.sum()
        if change <= options.tolerance:
            return PageRankScores(graph.nodes, scores, step, True)
    return PageRankScores(graph.nodes, scores, options.iterations, False)


def _restart(graph: Graph, restart: Sequence[tuple[str, str]]) -> Float64Array:
    """Return the chance of each node to be restarted from."""
    if not restart:
        return np.full(len(graph), 1.0 / len(graph))
    chances = np.zeros(len(graph))
    for label, id_ in restart:
        at = graph.position(label, id_)
        if at is None:
            raise no_node(label, id_)
        chances[at] = 1.0
    chances /= chances.sum()
    return chances


def no_node(label: str, id_: str) -> NotFound:
    """Return the error of a node to restart from that is not there."""
    return NotFound(
        f"parameter restart: there is no {label} {id_!r}", hint="ids are case-sensitive"
    )


def bad_weight(weight: str | None) -> UsageError:
    """Return the error of a weight below 0 or that is no number."""
    return UsageError(
        f"parameter weight: property {weight!r} is below 0 or no number on some edge",
        hint="leave weight out to count all edges alike",
    )


def _check_number(name: str, value: float, low: float, high: float) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (number and low <= value <= high):
        raise UsageError(
            f"parameter {name} must be a number from {low:g} up to {high:g}, not {value!r}"
        )

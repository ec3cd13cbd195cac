"""Co-occurrence on random walks: how often a walk from one node comes by another, exactly.

The expected visits of a uniform walk of ``s`` steps are row ``one`` of ``P + P^2 + ... + P^s``,
with ``P`` the transition matrix of the simple undirected graph (DeepWalk, Perozzi et al. 2014,
draws walks to learn from the same counts).
"""

from dataclasses import dataclass

import numpy as np

from engine.data.adjacency import Graph
from engine.data.arrays import Float64Array
from engine.errors import NotFound, UsageError
from engine.graph.name_checks import check_ids, check_names
from engine.store.graph_client import GraphClient

MAX_DEGREE = 1_000


@dataclass(frozen=True)
class VisitedNode:
    """A node and how often a walk visits it on average."""

    id: str
    visits: float


def most_visited(
    client: GraphClient,
    one: str,
    *,
    steps: int = 2,
    k: int = 10,
    label: str = "Item",
    relation: str = "INTERACTED",
    max_degree: int = MAX_DEGREE,
) -> list[VisitedNode]:
    """Return the ``k`` nodes of a label that walks from a node of it visit most.

    Args:
        client: The graph.
        one: Id of the node.
        steps: Of a walk, 1 to 4.
        k: How many, 1 to 1000.
        label: Of the node and of those returned.
        relation: Type of the edges to walk on, in either direction.
        max_degree: Walks end at a node with more edges.

    Raises:
        NotFound: The node does not exist.
        UsageError: The graph has no such label or type, or a value is out of range.
    """
    check_names(client, "label", {"label": label})
    check_names(client, "relation", {"relation": relation})
    slots = {"label": label, "relation": relation}
    rows = client.ask("similarity/walks", slots, one=one, steps=steps, k=k, max_degree=max_degree)
    if not rows:
        check_ids(client, "one", label, [one])
    return [VisitedNode(row["id"], row["score"]) for row in rows]


def visits_pulled(graph: Graph, label: str, one: str, steps: int) -> Float64Array:
    """Return the expected visits of every node, ``(n,) float64``, the start's own at its place.

    Args:
        graph: Undirected and merged, without loops.
        label: Of the node to start from.
        one: Its id.
        steps: Of a walk, at least 1.

    Raises:
        NotFound: The node does not exist.
        UsageError: There are no steps.
    """
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise UsageError(f"parameter steps must be a whole number from 1, not {steps!r}")
    start = graph.position(label, one)
    if start is None:
        raise NotFound(f"parameter one: there is no {label} {one!r}", hint="ids are case-sensitive")
    joined = graph.scipy()
    joined.data[:] = 1.0
    share = np.divide(1.0, graph.degree, out=np.zeros(len(graph)), where=graph.degree > 0)
    chance: Float64Array = np.zeros(len(graph))
    chance[start] = 1.0
    visits = np.zeros(len(graph))
    for _ in range(steps):
        chance = (chance * share) @ joined
        visits += chance
    return visits

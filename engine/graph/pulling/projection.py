"""Take a part of the graph out of the database (``cypher/project``): whole, for one algorithm.

``pull_graph`` brings it into this process as compressed rows; ``in_gds`` into the memory of the
Graph Data Science plugin, where the server has it.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

import numpy as np

from engine.data.adjacency import EdgeList, Graph
from engine.errors import UsageError
from engine.graph.name_checks import check_names
from engine.graph.pulling.edge_pages import (
    EVENTS,
    Triple,
    chunks,
    edges_of,
    placed,
    pull_nodes,
    reach,
)
from engine.store.graph_client import GraphClient

# The server works on one query with one core.
_AT_ONCE = 2

Orientation = Literal["UNDIRECTED", "NATURAL", "REVERSE"]


@dataclass(frozen=True)
class Projected:
    """A graph in the memory of the Graph Data Science plugin.

    Attributes:
        name: By which its procedures find it.
        n_nodes: Nodes in it.
        n_edges: Edges in it; an undirected one counts twice.
        milliseconds: What the server took to build it.
    """

    name: str
    n_nodes: int
    n_edges: int
    milliseconds: int


def pull_graph(
    client: GraphClient,
    triples: Sequence[Triple] = (EVENTS,),
    *,
    undirected: bool = True,
    merge: bool = False,
    weight: str | None = None,
    times: bool = False,
) -> Graph:
    """Return the edges of some kinds with all nodes of their labels, also those without an edge.

    Args:
        client: The graph.
        triples: Kinds of edges.
        undirected: Whether edges lead both ways.
        merge: Make one edge of parallel ones: weights are added, the newest moment stays.
        weight: Property that holds the weight, 1 where an edge has none; None: all weigh the same.
        times: Whether to bring the moments (property ``at``, 0 where an edge has none) too.

    Raises:
        UsageError: The graph has no such label, type or property.
    """
    check_triples(client, triples, weight)
    labels = list(dict.fromkeys(label for one in triples for label in (one.head, one.tail)))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        nodes = dict(
            zip(labels, pool.map(lambda label: pull_nodes(client, label), labels), strict=True)
        )
        starts = np.cumsum([0] + [len(nodes[label].ids) for label in labels])
        offsets = dict(zip(labels, starts.tolist(), strict=False))
        parts = [EdgeList.none(weighted=weight is not None, timed=times)]
        for triple in triples:
            heads, tails = nodes[triple.head], nodes[triple.tail]
            found = pool.map(
                lambda chosen, triple=triple: edges_of(client, triple, chosen, weight, times),
                chunks(np.flatnonzero(heads.rows >= 0)),
            )
            move = offsets[triple.head], offsets[triple.tail]
            parts.extend(placed(edges, (heads, tails), move) for edges in found)
    ids = {label: found.ids for label, found in nodes.items()}
    return Graph.from_edges(ids, EdgeList.joined(parts), undirected=undirected, merge=merge)


@contextmanager
def in_gds(
    client: GraphClient,
    triples: Sequence[Triple] = (EVENTS,),
    *,
    orientation: Orientation = "UNDIRECTED",
    merge: bool = False,
    weight: str | None = None,
) -> Iterator[Projected]:
    """Copy the same graph into the plugin's memory, and free it whatever happens.

    Args:
        client: The graph.
        triples: Kinds of edges.
        orientation: ``UNDIRECTED``, or ``NATURAL`` or ``REVERSE``.
        merge: Make one edge of parallel ones, weights added.
        weight: Property that holds the weight, 1 where an edge has none.

    Raises:
        UsageError: The graph has no such label, type or property; the server has no plugin; or a
            type also joins other labels (see ``fits_gds``).
    """
    if client.server.gds is None:
        raise UsageError(
            "this Neo4j server lacks the Graph Data Science plugin",
            hint="the engine's own server has it: unset ENGINE_NEO4J_URI",
        )
    check_triples(client, triples, weight)
    if not fits_gds(client, triples):
        raise UsageError(
            "Graph Data Science cannot project these edges: the relation joins other labels, "
            "or a node to itself",
            hint="leave gds out, and the graph is pulled",
        )
    kind: dict[str, Any] = {"orientation": orientation}
    if merge:
        kind["aggregation"] = "SINGLE" if weight is None else "SUM"
    if weight is not None:
        kind["properties"] = {weight: {"property": weight, "defaultValue": 1.0}}
    name = f"engine-{uuid4().hex}"
    given: dict[str, Any] = {
        "labels": sorted({label for one in triples for label in (one.head, one.tail)}),
        "relations": {one.relation: kind for one in triples},
    }
    try:
        row = client.ask("project/project_in_gds", graph=name, **given)[0]
        yield Projected(name, row["nodes"], row["edges"], row["milliseconds"])
    finally:
        client.ask("project/drop_in_gds", graph=name)


def fits_gds(client: GraphClient, triples: Sequence[Triple]) -> bool:
    """Tell whether the plugin can project these kinds as ``pull_graph`` does.

    It goes by type alone, and an undirected loop is two edges to it.
    """
    if len({one.relation for one in triples}) < len(triples):
        return False
    for one in triples:
        if not reach(client, one).alone:
            return False
        slots = {"label": one.head, "relation": one.relation}
        if one.head == one.tail and client.read("project/loops", slots)[0]["loops"]:
            return False
    return True


def check_triples(client: GraphClient, triples: Sequence[Triple], weight: str | None) -> None:
    """Refuse what the graph does not have.

    Raises:
        UsageError: Names the parameter (head, relation, tail or weight) and what there is.
    """
    if not triples:
        raise UsageError("parameter triples must name at least one kind of edges")
    for one in triples:
        check_names(client, "label", {"head": one.head, "tail": one.tail})
        check_names(client, "relation", {"relation": one.relation})
    if weight is not None:
        check_names(client, "property", {"weight": weight})

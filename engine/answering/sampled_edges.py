"""Draw a neighbourhood by the catalogue's queries (``cypher/sample``): one query for each hop."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from engine.answering import named_query
from engine.errors import UsageError
from engine.store.graph_client import GraphClient

SamplingMethod = Literal["uniform", "weighted", "replacement", "recent"]


@dataclass(frozen=True)
class SampledEdge:
    """An edge that was drawn.

    Attributes:
        hop: 1 for the edges of the seeds.
        source: Id of the node it was drawn for.
        target: Id of the node it leads to.
        weight: None where it has none.
        at: Epoch milliseconds, None where it has no time.
    """

    hop: int
    source: str
    target: str
    weight: float | None
    at: int | None


def sample(
    graph: GraphClient,
    seeds: Sequence[str],
    fanout: Sequence[int],
    relation: str,
    labels: tuple[str, str],
    how: SamplingMethod,
) -> list[SampledEdge]:
    """Draw edges: each hop starts at what the last one came to, each node once.

    Args:
        graph: Where.
        seeds: Ids of nodes of the first label.
        fanout: Edges for a node at most, in each hop.
        relation: What is followed, in either direction.
        labels: Hops lead from the first to the second and back by turns.
        how: The query of ``cypher/sample`` that draws.

    Raises:
        NotFound: There is no node of an id.
        UsageError: A name is not in the graph, or a number is out of range.
    """
    if how not in get_args(SamplingMethod):
        raise UsageError(f"how must be one of {', '.join(get_args(SamplingMethod))}, not {how!r}")
    edges: list[SampledEdge] = []
    nodes = list(dict.fromkeys(seeds))
    for hop, k in enumerate(fanout, start=1):
        here, there = labels if hop % 2 else labels[::-1]
        given = {"seeds": nodes, "k": k, "label": here, "relation": relation, "reached": there}
        found = named_query.run(graph, f"sample/{how}", given).rows
        edges += [
            SampledEdge(hop, row["seed"], row["neighbour"], row["weight"], row["at"])
            for row in found
        ]
        nodes = list(dict.fromkeys(row["neighbour"] for row in found))
        if not nodes:
            break
    return edges

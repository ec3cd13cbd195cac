"""What a hop follows, and how edges are drawn."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.data.adjacency import EdgeList
from engine.data.edge_sampling import NodeEdges, check_count, check_kind
from engine.graph.pulling.edge_pages import EVENTS, Triple


@dataclass(frozen=True)
class EdgeStep:
    """What a hop follows.

    Attributes:
        triple: Kind of edges.
        outgoing: From head to tail; False: from tail to head.
    """

    triple: Triple = EVENTS
    outgoing: bool = True

    @property
    def origin(self) -> str:
        """Label of the nodes a hop starts at."""
        return self.triple.head if self.outgoing else self.triple.tail

    @property
    def reached(self) -> str:
        """Label of the nodes it comes to."""
        return self.triple.tail if self.outgoing else self.triple.head

    def back(self) -> "EdgeStep":
        """Return the same edges the other way."""
        return EdgeStep(self.triple, not self.outgoing)


@dataclass(frozen=True)
class EdgeSampling:
    """How edges are drawn.

    Attributes:
        kind: ``uniform`` (without replacement), ``replacement`` (uniform, an edge may come again),
            ``weighted`` (without replacement, the next in proportion to the weights left) or
            ``recent`` (the newest by ``at``).
        weight: Property that holds the weight, 1 where an edge has none.
        attributes: Whether to bring weight and moment of each edge.
        hub_degree: A node with more edges of the type is read whole and kept.
        hub_edges: Edges kept in all.
    """

    kind: str = "uniform"
    weight: str = "weight"
    attributes: bool = False
    hub_degree: int = 1_000
    hub_edges: int = 4_000_000

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn by.

        Raises:
            UsageError: Names the parameter.
        """
        check_kind(self.kind)
        check_count("hub_degree", self.hub_degree)
        check_count("hub_edges", self.hub_edges, low=0)


def sample_edges(
    lists: Mapping[int, NodeEdges], k: int | None, draw: EdgeSampling, rng: np.random.Generator
) -> EdgeList:
    """Draw from whole lists; all of them where k is None."""
    parts = [EdgeList.none(weighted=draw.attributes, timed=draw.attributes)]
    for number, edges in lists.items():
        chosen = np.arange(len(edges)) if k is None else edges.draw(draw.kind, k, rng)
        source = np.full(len(chosen), number, dtype=np.int64)
        every = EdgeList(
            edges.targets,
            edges.targets,
            edges.weights if draw.attributes else None,
            edges.at if draw.attributes else None,
        ).take(chosen)
        parts.append(EdgeList(source, every.target, every.weights, every.at))
    return EdgeList.joined(parts)

"""What a hop follows, how edges are drawn, and the edges that come out.

May import: ``projection``, ``data``, ``errors``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.data.drawing import WholeList, check_count, check_kind
from engine.graph.edge_pages import EVENTS, Triple

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Step:
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

    def back(self) -> "Step":
        """Return the same edges the other way."""
        return Step(self.triple, not self.outgoing)


@dataclass(frozen=True)
class Draw:
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


@dataclass(frozen=True, eq=False)
class Hop:
    """The edges of one hop, in no order.

    Attributes:
        source: ``(m,) int64`` the node a hop started at.
        target: ``(m,) int64`` the node it came to.
        weight: ``(m,) float32``, or None where not asked for.
        at: ``(m,) int64`` milliseconds since 1970, 0 where an edge has none; or None.
    """

    source: Integers
    target: Integers
    weight: npt.NDArray[np.float32] | None = None
    at: Integers | None = None

    def __len__(self) -> int:
        return len(self.source)

    def take(self, chosen: Integers | npt.NDArray[np.bool_]) -> "Hop":
        """Return some of the edges."""
        return Hop(
            self.source[chosen],
            self.target[chosen],
            None if self.weight is None else self.weight[chosen],
            None if self.at is None else self.at[chosen],
        )


def drawn_from(
    lists: Mapping[int, WholeList], k: int | None, draw: Draw, rng: np.random.Generator
) -> Hop:
    """Draw from whole lists; all of them where k is None."""
    hops = [nothing(draw.attributes)]
    for number, edges in lists.items():
        chosen = np.arange(len(edges)) if k is None else edges.draw(draw.kind, k, rng)
        source = np.full(len(chosen), number, dtype=np.int64)
        every = Hop(
            edges.targets,
            edges.targets,
            edges.weights if draw.attributes else None,
            edges.at if draw.attributes else None,
        ).take(chosen)
        hops.append(Hop(source, every.target, every.weight, every.at))
    return joined(hops)


def nothing(attributes: bool) -> Hop:
    """Return no edges."""
    none = np.empty(0, dtype=np.int64)
    return Hop(none, none, none.astype(np.float32), none) if attributes else Hop(none, none)


def joined(hops: Sequence[Hop]) -> Hop:
    """Return the edges of all, one after the other."""
    weight = [hop.weight for hop in hops if hop.weight is not None]
    at = [hop.at for hop in hops if hop.at is not None]
    return Hop(
        np.concatenate([hop.source for hop in hops]),
        np.concatenate([hop.target for hop in hops]),
        np.concatenate(weight) if weight else None,
        np.concatenate(at) if at else None,
    )

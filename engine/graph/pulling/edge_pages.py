"""Read nodes and edges of one kind by pages (``cypher/project``): the parts of a projection."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.data.adjacency import EdgeList
from engine.data.arrays import AnyArray, Int32Array, Int64Array, IntArray
from engine.data.vocabulary import Vocabulary
from engine.errors import UsageError
from engine.store.graph_client import GraphClient, Row

_PAGE = 250
_NODES_PER_QUERY = 2_000


@dataclass(frozen=True)
class Triple:
    """Edges of one kind: which type, from nodes of which label to nodes of which."""

    head: str = "User"
    relation: str = "INTERACTED"
    tail: str = "Item"

    def slots(self) -> dict[str, str]:
        """Return what fills the slots of a statement."""
        return {"head": self.head, "relation": self.relation, "tail": self.tail}


EVENTS = Triple()


@dataclass(frozen=True)
class Nodes:
    """The nodes of one label.

    Attributes:
        ids: In order.
        rows: ``(numbers + 1,) int32``: the server's number of a node to its row in ``ids``; -1
            elsewhere, and in the last place, which stands for every number beyond.
    """

    ids: Vocabulary
    rows: Int32Array

    @classmethod
    def none(cls) -> "Nodes":
        """Return the nodes of a label that the graph does not have."""
        return cls(Vocabulary([]), np.full(1, -1, dtype=np.int32))

    def find(self, numbers: IntArray) -> Int32Array:
        """Return the rows of nodes by the server's numbers; -1 for other nodes."""
        return self.rows[np.minimum(numbers, len(self.rows) - 1)]


@dataclass(frozen=True)
class Reach:
    """How many edges there are of a type: all, from the head's label, to the tail's."""

    edges: int
    from_head: int
    to_tail: int

    @property
    def alone(self) -> bool:
        """Whether the type joins these two labels and no others."""
        return self.edges == self.from_head == self.to_tail

    @property
    def possible(self) -> bool:
        """Whether there may be an edge of the kind."""
        return bool(self.from_head and self.to_tail)


def reach(client: GraphClient, triple: Triple) -> Reach:
    """Return what the server's counts say of a kind of edges."""
    return Reach(**client.read("project/reach", triple.slots())[0])


def pull_nodes(client: GraphClient, label: str) -> Nodes:
    """Return the nodes of a label, numbered by sorted id; an ``Entity`` has its key for an id."""
    key = "key" if label == "Entity" else "id"
    found = client.read("project/nodes", {"label": label, "key": key})[0]
    ids, numbers = found["ids"], np.array(found["nodes"], dtype=np.int64)
    order = sorted(range(len(ids)), key=ids.__getitem__)
    rows = np.full(int(numbers.max(initial=-1)) + 2, -1, dtype=np.int32)
    rows[numbers[order]] = np.arange(len(ids), dtype=np.int32)
    return Nodes(Vocabulary([ids[at] for at in order]), rows)


def chunks(numbers: Int64Array) -> list[Int64Array]:
    """Return the numbers a query's worth at a time."""
    starts = range(0, len(numbers), _NODES_PER_QUERY)
    return [numbers[start : start + _NODES_PER_QUERY] for start in starts]


def edges_of(
    client: GraphClient,
    triple: Triple,
    numbers: Int64Array,
    weight: str | None,
    times: bool,
) -> EdgeList:
    """Return the edges from some nodes, by the server's numbers."""
    pages = [numbers[at : at + _PAGE].tolist() for at in range(0, len(numbers), _PAGE)]
    values = weight is not None or times
    if values:
        slots = triple.slots() | {"weight": weight or "weight"}
        rows = client.read("project/edge_values", slots, pages=pages)
    else:
        rows = client.read("project/edges", triple.slots(), pages=pages)
    heads = np.fromiter(_chain(rows, "heads"), dtype=np.int64)
    sizes = np.fromiter((len(tails) for tails in _chain(rows, "tails")), dtype=np.int64)
    count = int(sizes.sum())

    def column(name: str, kind: type) -> AnyArray:
        lists = itertools.chain.from_iterable(_chain(rows, name))
        try:
            return np.fromiter(lists, dtype=kind, count=count)
        except (TypeError, ValueError) as error:
            raise UsageError(f"parameter weight: property {weight!r} holds no numbers") from error

    return EdgeList(
        np.repeat(heads, sizes),
        column("tails", np.int64),
        column("weights", np.float32) if weight is not None else None,
        column("at", np.int64) if times else None,
    )


def _chain(rows: list[Row], name: str) -> Iterator[Any]:
    return itertools.chain.from_iterable(row[name] for row in rows)


def placed(edges: EdgeList, ends: tuple[Nodes, Nodes], move: tuple[int, int]) -> EdgeList:
    """Put positions in place of the server's numbers."""
    source, target = ends[0].find(edges.source), ends[1].find(edges.target)
    # A node that arrived after the nodes were listed has no row: it waits for the next pull.
    there = (source >= 0) & (target >= 0)
    moved = EdgeList(source + move[0], target + move[1], edges.weights, edges.at)
    return moved if there.all() else moved.take(there)

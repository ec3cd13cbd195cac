"""Read properties of nodes of one label in the order of their ids (``cypher/exchange``)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engine.data.read_ahead import prefetch_one
from engine.graph.embeddings import Label
from engine.store.graph_client import GraphClient

_NODES_PER_QUERY = 2_000
_NUMBERS_PER_QUERY = 100_000
_END = " NOT NULL"


@dataclass(frozen=True)
class PropertyType:
    """A property of the nodes of a label, of one type.

    Attributes:
        name: Of the property.
        type: In Cypher's words, such as ``LIST<STRING>``.
        shortest, longest: Length of the lists; None where it is no list.
        nodes: How many nodes have it so.
    """

    name: str
    type: str
    shortest: int | None
    longest: int | None
    nodes: int


@dataclass(frozen=True)
class NodePage:
    """Some nodes: their ids, and of each the values of the properties asked for."""

    ids: list[str]
    properties: list[list[Any]]


def property_types(client: GraphClient, label: Label) -> list[PropertyType]:
    """Return which properties the nodes of a label have, and of which types."""
    rows = client.read("exchange/property_types", {"label": label})
    return [PropertyType(**row | {"type": row["type"].replace(_END, "")}) for row in rows]


def node_pages(
    client: GraphClient, label: Label, properties: Sequence[PropertyType], after: str = ""
) -> Iterator[NodePage]:
    """Yield the nodes after an id; an entity has its key for an id.

    Args:
        client: The graph.
        label: Of the nodes.
        properties: Those to read.
        after: The id, in the server's order of texts.
    """
    return prefetch_one(_pages(client, label, properties, after))


def _pages(
    client: GraphClient, label: Label, properties: Sequence[PropertyType], after: str
) -> Iterator[NodePage]:
    slots = {"label": label, "key": "key" if label == "Entity" else "id"}
    numbers = sum(one.longest or 1 for one in properties)
    limit = max(1, min(_NODES_PER_QUERY, _NUMBERS_PER_QUERY // max(1, numbers)))
    names = [one.name for one in properties]
    while True:
        found = client.read("exchange/nodes", slots, after=after, limit=limit, names=names)[0]
        if not found["ids"]:
            return
        yield NodePage(found["ids"], found["properties"])
        after = found["ids"][-1]

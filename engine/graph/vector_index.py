"""Vector indexes: build, await, check, ask and drop (``cypher/index``)."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import QueryFailed
from engine.graph.embeddings import LABELS, Label, property_name
from engine.store.graph_client import GraphClient, Row

MOST_DIMENSIONS = 4_096
"""What a vector index of Neo4j takes."""
BUILD_SECONDS = 3_600
_USERS_PER_QUESTION = 25


@dataclass(frozen=True)
class IndexSettings:
    """What an HNSW graph is built with: more costs time and memory and finds more.

    Attributes:
        m: Links per node.
        ef_construction: Width of the search while building.
        attributes: Attributes of the nodes that the index looks at itself, all of them texts; for
            a server that has ``SEARCH``.
    """

    m: int
    ef_construction: int
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True)
class NearestItems:
    """What an index returned.

    Attributes:
        items: User id to item ids, nearest first.
        milliseconds: Per user, on average.
    """

    items: dict[str, list[str]]
    milliseconds: float


@dataclass(frozen=True)
class AttributeTexts:
    """How many items have an attribute, and on how many of them it is one text."""

    attribute: str
    items: int
    texts: int


def attribute_texts(client: GraphClient, attributes: Sequence[str]) -> list[AttributeTexts]:
    """Return how each attribute stands on the items of the graph."""
    rows = client.read("index/attribute_texts", attributes=list(attributes))
    return [AttributeTexts(**row) for row in rows]


def index_name(label: Label, generation: int) -> str:
    """Return the name of a label's index of a generation."""
    return f"{label.lower()}_embedding_g{generation}"


def build(
    client: GraphClient, label: Label, generation: int, dimension: int, settings: IndexSettings
) -> None:
    """Build an index again and wait until every node is in it.

    Raises:
        QueryFailed: The index did not come up; the message says in which way.
    """
    name = index_name(label, generation)
    build_named(client, name, (label, property_name(generation)), dimension, settings)


def build_named(
    client: GraphClient, name: str, on: tuple[Label, str], dimension: int, settings: IndexSettings
) -> None:
    """Build an index on a property of the nodes of a label again, and wait for it.

    Raises:
        QueryFailed: The index did not come up; the message says in which way.
    """
    client.schema("index/drop_vector_index", {"index": name})
    idents = {"index": name, "label": on[0], "property": on[1]}
    if settings.attributes:
        idents["attributes"] = ",".join(settings.attributes)
    client.schema(
        "index/create_vector_index",
        idents,
        dimensions=dimension,
        m=settings.m,
        ef_construction=settings.ef_construction,
    )
    client.schema("index/await_vector_index", index=name, seconds=BUILD_SECONDS)
    if fault := _fault(client, name, on, dimension):
        raise QueryFailed(fault, hint="run the same command again")


def health(client: GraphClient, label: Label, generation: int, dimension: int) -> str | None:
    """Return what is wrong with an index, or None: missing, failed, unfinished, other shape."""
    on = label, property_name(generation)
    return _fault(client, index_name(label, generation), on, dimension)


def _fault(client: GraphClient, name: str, on: tuple[Label, str], dimension: int) -> str | None:
    rows = {row["name"]: row for row in described(client)}
    if (row := rows.get(name)) is None:
        return f"the vector index {name} is missing"
    if row["state"] != "ONLINE" or row["percent"] < 100.0:
        return f"the vector index {name} is {row['state']} at {row['percent']:.0f} %"
    # Behind the vector stand the attributes that the index looks at itself.
    if (row["labels"], row["properties"][:1]) != ([on[0]], [on[1]]):
        return f"the vector index {name} is on {row['labels']} {row['properties']}"
    config: dict[str, Any] = row["options"]["indexConfig"]
    if config.get("vector.dimensions") != dimension:
        return f"the vector index {name} has {config.get('vector.dimensions')} dimensions"
    similarity = str(config.get("vector.similarity_function")).upper()
    return None if similarity == "COSINE" else f"the vector index {name} compares by {similarity}"


def described(client: GraphClient) -> list[Row]:
    """Return every vector index: name, state, percent, labels, properties, options."""
    return client.schema("index/vector_indexes")


def online(client: GraphClient, prefix: str) -> dict[str, int]:
    """Return the indexes that answer and whose names begin so, with their dimensions."""
    return {
        row["name"]: row["options"]["indexConfig"]["vector.dimensions"]
        for row in described(client)
        if row["name"].startswith(prefix) and row["state"] == "ONLINE"
    }


def nearest(client: GraphClient, generation: int, users: Sequence[str], fetch: int) -> NearestItems:
    """Ask the item index for the ``fetch`` items nearest to each user, as lists ask it."""
    found: dict[str, list[str]] = {}
    idents = {"index": index_name("Item", generation)} if client.server.cypher25 else None
    began = time.perf_counter()
    for start in range(0, len(users), _USERS_PER_QUESTION):
        rows = client.read(
            "index/nearest_items",
            idents,
            users=list(users[start : start + _USERS_PER_QUESTION]),
            generation=generation,
            fetch=fetch,
        )
        found |= {row["user"]: row["items"] for row in rows}
    seconds = time.perf_counter() - began
    return NearestItems(found, 1_000 * seconds / max(1, len(users)))


def items_of_users(client: GraphClient, users: Sequence[str], most: int) -> dict[str, list[str]]:
    """Return ids of at most ``most`` items that each user has events on, by user id."""
    rows = client.read("index/items_of_users", users=list(users), most=most)
    return {row["user"]: row["items"] for row in rows}


def drop(client: GraphClient, generation: int) -> None:
    """Drop a generation's indexes where they are there."""
    for label in LABELS:
        client.schema("index/drop_vector_index", {"index": index_name(label, generation)})

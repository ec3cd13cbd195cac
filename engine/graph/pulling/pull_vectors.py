"""Pull the vectors that users brought for users and items (``cypher/pull``)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from engine.data.arrays import Float32Array
from engine.data.vocabulary import Vocabulary
from engine.store.graph_client import GraphClient

_NUMBERS_PER_QUERY = 1_000_000


@dataclass(frozen=True)
class MixedAttribute:
    """An attribute of which some values are vectors, and not all of them of one length.

    Attributes:
        width: How long the vectors of most nodes are; None where most hold something else.
        nodes: That have the attribute.
        unlike: Those of them that hold something else than most.
    """

    name: str
    width: int | None
    nodes: int
    unlike: int


def mixed_attributes(client: GraphClient, label: Literal["User", "Item"]) -> list[MixedAttribute]:
    """Return the attributes of users or items that are vectors of one length on some alone."""
    counts: dict[str, dict[int | None, int]] = {}
    for row in client.read("pull/vector_attributes", {"label": label}):
        counts.setdefault(row["name"], {})[row["width"]] = row["nodes"]
    found = []
    for name, nodes in counts.items():
        if len(nodes) > 1:
            width, most = next(iter(nodes.items()))
            total = sum(nodes.values())
            found.append(MixedAttribute(name, width, total, total - most))
    return found


def vector_widths(client: GraphClient, label: Literal["User", "Item"]) -> dict[str, int]:
    """Return the attributes of users or items that are vectors, and how long each is.

    What most of those hold that have the attribute settles it.
    """
    return _settled(client.read("pull/vector_attributes", {"label": label}))


def widths_of(
    client: GraphClient, label: Literal["User", "Item"], names: Collection[str]
) -> dict[str, int]:
    """Return those of some attributes of users or items that are vectors, and how long each is.

    What most of the first few hold that have the attribute settles it.
    """
    if not names:
        return {}
    return _settled(client.read("pull/vector_widths", {"label": label}, names=sorted(names)))


def _settled(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return how long vectors are by the first row of each name: that of most nodes."""
    first: dict[str, int | None] = {}
    for row in rows:
        first.setdefault(row["name"], row["width"])
    return {name: width for name, width in first.items() if width is not None}


def pull_vectors(
    client: GraphClient, label: Literal["User", "Item"], ids: Vocabulary
) -> dict[str, Float32Array]:
    """Return attribute to ``(len(ids), width) float32``; a row of zeros where a node has none.

    What is not like the vectors of most nodes, in length or at all, is none.
    """
    tables = {}
    for name, width in vector_widths(client, label).items():
        table = np.zeros((len(ids), width), dtype=np.float32)
        size = max(1, _NUMBERS_PER_QUERY // max(1, width))
        for start in range(0, len(ids), size):
            page = list(ids.ids[start : start + size])
            at = {id_: row for row, id_ in enumerate(page)}
            idents = {"label": label, "property": name}
            # One record at a time: a page of lists of Python's numbers is eight times the table.
            for row in client.stream("pull/vectors", idents, ids=page, width=width):
                table[start + at[row["id"]]] = row["vector"]
        tables[name] = table
    return tables

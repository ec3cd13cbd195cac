"""Pull the vectors that users brought for users and items (``cypher/pull``)."""

from collections.abc import Collection
from typing import Literal

import numpy as np

from engine.data.arrays import Float32Array
from engine.data.vocabulary import Vocabulary
from engine.errors import DataError
from engine.store.graph_client import GraphClient

_NUMBERS_PER_QUERY = 1_000_000


def vector_widths(client: GraphClient, label: Literal["User", "Item"]) -> dict[str, int]:
    """Return the attributes of users or items that are vectors, and how long each is.

    Raises:
        DataError: Vectors of one attribute have several lengths.
    """
    found: dict[str, int] = {}
    for row in client.read("pull/vector_attributes", {"label": label}):
        name, width = row["name"], row["width"]
        if found.setdefault(name, width) != width:
            raise DataError(
                f"{label.lower()}s have vectors {name} of {found[name]} and of {width} numbers",
                hint="load vectors of one length again: engine ingest --items FILE, or give the "
                f"new ones a name of their own: --map {name}_2={name}",
            )
    return found


def widths_of(
    client: GraphClient, label: Literal["User", "Item"], names: Collection[str]
) -> dict[str, int]:
    """Return those of some attributes of users or items that are vectors, and how long each is."""
    if not names:
        return {}
    rows = client.read("pull/vector_widths", {"label": label}, names=sorted(names))
    return {row["name"]: row["width"] for row in rows}


def pull_vectors(
    client: GraphClient, label: Literal["User", "Item"], ids: Vocabulary
) -> dict[str, Float32Array]:
    """Return attribute to ``(len(ids), width) float32``; a row of zeros where a node has none.

    Raises:
        DataError: Vectors of one attribute have several lengths.
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
            for row in client.stream("pull/vectors", idents, ids=page):
                table[start + at[row["id"]]] = row["vector"]
        tables[name] = table
    return tables

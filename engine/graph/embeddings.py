"""Write, count and remove embeddings as node properties (``cypher/embed``)."""

import contextvars
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.data.arrays import Float32Array, Int64Array
from engine.data.progress_callbacks import CountProgress, no_count
from engine.data.vocabulary import Vocabulary
from engine.store.graph_client import GraphClient

Label = Literal["User", "Item", "Entity"]
LABELS: tuple[Label, ...] = ("User", "Item", "Entity")
_KEYS: dict[Label, str] = {"User": "id", "Item": "id", "Entity": "key"}
_FLOATS_PER_BATCH = 128_000
_WRITERS = 4


@dataclass(frozen=True)
class Coverage:
    """Nodes of a label and how many of them carry a vector of a generation."""

    nodes: int
    vectors: int


def property_name(generation: int) -> str:
    """Return the property that holds a generation's vectors."""
    return f"embedding_g{generation}"


def write(
    client: GraphClient,
    label: Label,
    generation: int,
    ids: Vocabulary,
    vectors: Float32Array,
    report: CountProgress = no_count,
) -> int:
    """Store one vector per node and return how many nodes got one.

    Several threads write: their nodes are different ones. A row of zeros is left out: the model
    knows nothing about that node. Ids that are no longer in the graph are left out too; those of
    entities are their keys. Writing twice is the same as once, so a lost answer is retried.
    """
    rows = np.flatnonzero(np.any(vectors != 0, axis=1))
    size = max(100, _FLOATS_PER_BATCH // max(1, vectors.shape[1]))
    batches = [rows[start : start + size] for start in range(0, len(rows), size)]

    def write_batch(batch: Int64Array) -> int:
        row = client.write(
            "embed/write_vectors",
            {"label": label, "key": _KEYS[label]},
            ids=[ids.ids[row] for row in batch],
            vectors=vectors[batch].tolist(),
            property=property_name(generation),
        )[0]
        return int(row["written"])

    written = done = 0
    # In the caller's context, so that spans of statements are part of its own.
    contexts = [contextvars.copy_context() for _ in batches]
    with ThreadPoolExecutor(_WRITERS, thread_name_prefix="vectors") as pool:
        numbers = pool.map(lambda one, batch: one.run(write_batch, batch), contexts, batches)
        for batch, number in zip(batches, numbers, strict=True):
            written, done = written + number, done + len(batch)
            report(done, len(rows))
    return written


def coverage(client: GraphClient, label: Label, generation: int) -> Coverage:
    """Count the nodes of a label and those with a vector."""
    return carriers(client, label, property_name(generation))


def carriers(client: GraphClient, label: Label, name: str) -> Coverage:
    """Count the nodes of a label and those with a property."""
    idents = {"label": label, "property": name}
    return Coverage(**client.read("embed/count_vectors", idents)[0])


def remove(client: GraphClient, generation: int) -> None:
    """Remove every vector of a generation, in small transactions."""
    for label in LABELS:
        remove_property(client, label, property_name(generation))


def remove_property(client: GraphClient, label: Label, name: str) -> None:
    """Remove a property of every node of a label, in small transactions."""
    client.schema("embed/remove_vectors", {"label": label, "property": name})

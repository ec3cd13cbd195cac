"""What a generation of a filter stores on items: its edges (``cypher/generation``).

On each item stand the ids of the items that it leads to and their weights, strongest first: two
lists, named as vectors are, so that nothing takes them for attributes. Relationships of their own
would cost ten times as much to write and to keep, for each generation (docs/filters.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from engine.data.progress_callbacks import CountProgress, no_count
from engine.data.vocabulary import Vocabulary
from engine.graph import embeddings
from engine.graph.embeddings import property_name
from engine.store.graph_client import GraphClient

_EDGES_PER_BATCH = 100_000


def write(
    client: GraphClient,
    generation: int,
    items: Vocabulary,
    edges: sparse.csr_array,
    report: CountProgress = no_count,
) -> int:
    """Store the edges of items and return how many items got some.

    Items that are no longer in the graph are left out.

    Args:
        client: The graph.
        generation: Its number.
        items: Ids of the rows.
        edges: ``(n_items, n_items) float32``.
        report: Called with how many items are written, and how many there are.
    """
    slots = {"edges": edges_name(generation), "weights": weights_name(generation)}
    written, done = 0, 0
    for rows in _batches(items, edges):
        written += client.write("generation/write_edges", slots, rows=rows)[0]["written"]
        done += len(rows)
        report(done, len(items))
    return written


def fault(client: GraphClient, generation: int, settings: Mapping[str, Any]) -> str | None:
    """Return what is missing of what a generation stored, by its settings, or None."""
    written = settings.get("edge_items") or 0
    there = embeddings.carriers(client, "Item", edges_name(generation)).vectors
    # Items may have left the graph since; few left is a fault.
    if there < written / 2:
        return f"{there} of {written} items still have their edges"
    return None


def remove(client: GraphClient, generation: int) -> None:
    """Remove all of it, in small transactions; nothing happens where there is nothing."""
    for name in (edges_name(generation), weights_name(generation)):
        embeddings.remove_property(client, "Item", name)


def edges_name(generation: int) -> str:
    """Return the property that holds the ids of the items that an item leads to."""
    return f"{property_name(generation)}_edges"


def weights_name(generation: int) -> str:
    """Return the property that holds the weights of those edges."""
    return f"{property_name(generation)}_weights"


def _batches(items: Vocabulary, edges: sparse.csr_array) -> Iterator[Sequence[list[Any]]]:
    """Yield rows of ``generation/write_edges``, of items with an edge, strongest edges first."""
    ids = items.ids
    rows: list[list[Any]] = []
    size = 0
    for item, (start, end) in enumerate(zip(edges.indptr, edges.indptr[1:], strict=False)):
        if start == end:
            continue
        order = np.argsort(-np.abs(edges.data[start:end]), kind="stable")
        others = edges.indices[start:end][order].tolist()
        weights = edges.data[start:end][order].astype(np.float64).tolist()
        rows.append([ids[item], [ids[other] for other in others], weights])
        size += len(others)
        if size >= _EDGES_PER_BATCH:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows

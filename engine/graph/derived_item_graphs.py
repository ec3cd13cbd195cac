"""Write graphs between items and keep them as they should be (``cypher/derive``).

Only edges that differ from what is there are touched, an item's edges in one transaction. A marker
node says whether a graph is whole: a build that was cut off leaves items that are right beside
items that are old, and the next build, which compares again, finishes it.

``(:Item)-[:CO_OCCURRED {count, from_baskets, to_baskets, score}]->(:Item)`` is symmetric in
meaning, but each item points to its own best neighbours, so read it along its direction. What
depends on all baskets is not on the edge, as every new basket would change every edge: with N, the
marker's ``baskets``, support = count / N and lift = count * N / (from_baskets * to_baskets).
"""

import itertools
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from engine.data.arrays import BoolArray, Float32Array, Float64Array, Int32Array, Int64Array
from engine.data.item_edges import ItemEdges
from engine.data.progress_callbacks import CountProgress, no_count
from engine.data.vocabulary import Vocabulary
from engine.errors import Busy
from engine.graph.embeddings import property_name
from engine.store.graph_client import GraphClient

GraphName = Literal["co-occurrence", "sequential", "similarity"]
RELATIONS: Mapping[GraphName, str] = {
    "co-occurrence": "CO_OCCURRED",
    "sequential": "FOLLOWED_BY",
    "similarity": "SIMILAR",
}

_PAGE = 500
_PAGES_PER_QUERY = 8
_EDGES_PER_TRANSACTION = 10_000
_COUNTS = ("count", "from_baskets", "to_baskets", "generation")
_ORDER = ("score", "count", "from_baskets", "to_baskets", "generation")
# Scores that differ by less were added up in another order.
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class ItemNodes:
    """Items by row, and a table from the server's node number to the row, -1 elsewhere."""

    ids: Vocabulary
    rows: Int32Array

    def pages(self) -> Iterator[list[list[int]]]:
        """Yield some pages of node numbers at a time."""
        nodes = np.flatnonzero(self.rows >= 0)
        pages = [nodes[at : at + _PAGE].tolist() for at in range(0, len(nodes), _PAGE)]
        for at in range(0, len(pages), _PAGES_PER_QUERY):
            yield pages[at : at + _PAGES_PER_QUERY]

    def row_of(self, nodes: Int64Array) -> Int64Array:
        """Return the row of each node, -1 for one that came later."""
        return self.rows[np.minimum(nodes, len(self.rows) - 1)].astype(np.int64)


@dataclass(frozen=True)
class Change:
    """What a build did to the edges.

    Attributes:
        unchanged: Edges that were right.
        written: Edges created, or put in place of one that was wrong.
        removed: Edges that are no more.
    """

    unchanged: int
    written: int
    removed: int


@dataclass(frozen=True)
class StoredGraph:
    """A graph between items as its marker describes it.

    Attributes:
        state: ``built``, or ``building`` while a build is at work or after one was cut off.
        edges: As of the last build that finished, as all that follows; None before.
        baskets: Baskets counted, the N of support and lift; None where none were.
        built_at: Epoch milliseconds.
        settings: What it was built with.
    """

    name: str
    state: str
    edges: int | None
    baskets: int | None
    built_at: int | None
    settings: Mapping[str, Any]


def graphs(client: GraphClient) -> list[StoredGraph]:
    """Return the graphs between items that were ever built."""
    rows = client.read("derive/graphs")
    return [StoredGraph(**row | {"settings": json.loads(row["settings"] or "{}")}) for row in rows]


def begin(client: GraphClient, name: GraphName) -> str:
    """Mark a graph as being built and return the token that further calls show."""
    token = str(uuid.uuid4())
    client.write("derive/begin", graph=name, token=token)
    return token


def finish(
    client: GraphClient, name: GraphName, token: str, edges: ItemEdges, settings: Mapping[str, Any]
) -> None:
    """Mark a graph as whole.

    Raises:
        Busy: Another build of it began meanwhile.
    """
    if not client.write(
        "derive/finish",
        graph=name,
        token=token,
        edges=len(edges),
        baskets=edges.baskets,
        settings=json.dumps(settings, sort_keys=True),
    ):
        raise _taken_over(name)


def update(
    client: GraphClient,
    name: GraphName,
    token: str,
    items: ItemNodes,
    edges: ItemEdges,
    report: CountProgress = no_count,
) -> Change:
    """Make the edges of a graph those given, touching only what differs.

    Args:
        client: The graph.
        name: Which of the graphs between items.
        token: What ``begin`` returned.
        items: What the rows of ``edges`` stand for.
        edges: All edges there should be.
        report: Called now and then with edges written and edges to write.

    Raises:
        Busy: Another build of it began meanwhile.
    """
    n = len(items.ids)
    old_keys, old = _existing(client, RELATIONS[name], items)
    keys = edges.item.astype(np.int64) * n + edges.other
    new = _filled(edges)
    match, stays = _matched(old_keys, old, keys, new)
    kept = np.zeros(len(keys), dtype=bool)
    kept[match[stays]] = True
    parted, created = old_keys[~stays], np.flatnonzero(~kept)
    done = 0
    for rows, count in _batches(items.ids.ids, parted, created, edges, new):
        if not client.write(
            "derive/replace",
            {"relation": RELATIONS[name]},
            graph=name,
            token=token,
            rows=rows,
        )[0]["items"]:
            raise _taken_over(name)
        done += count
        report(min(done, len(created)), len(created))
    removed = len(np.setdiff1d(parted, keys))
    return Change(int(stays.sum()), len(created), removed)


def item_vectors(client: GraphClient, items: ItemNodes, generation: int) -> Float32Array:
    """Return a generation's vectors, ``(n_items, dim) float32``; zeros where there is none."""
    parts = []
    for pages in items.pages():
        found = client.read("derive/vectors", pages=pages, property=property_name(generation))
        for row in found:
            if row["item"]:
                vectors = np.array(row["vector"], dtype=np.float32)
                parts.append((items.row_of(np.array(row["item"], dtype=np.int64)), vectors))
    dimension = parts[0][1].shape[1] if parts else 1
    table = np.zeros((len(items.ids), dimension), dtype=np.float32)
    for rows, vectors in parts:
        table[rows[rows >= 0]] = vectors[rows >= 0]
    return table


def _existing(
    client: GraphClient, relation: str, items: ItemNodes
) -> tuple[Int64Array, dict[str, Float64Array]]:
    """Return row * n + other of the edges that are there, and their properties."""
    parts: dict[str, list[Float64Array]] = {name: [] for name in _ORDER}
    keys = [np.empty(0, dtype=np.int64)]
    for pages in items.pages():
        for row in client.read("derive/edges", {"relation": relation}, pages=pages):
            ends = [items.row_of(np.array(row[end], dtype=np.int64)) for end in ("item", "other")]
            known = (ends[0] >= 0) & (ends[1] >= 0)  # an item that came later waits a build
            keys.append((ends[0] * len(items.ids) + ends[1])[known])
            for name in _ORDER:
                parts[name].append(np.array(row[name], dtype=np.float64)[known])
    nothing = [np.empty(0)]
    return np.concatenate(keys), {name: np.concatenate(nothing + parts[name]) for name in _ORDER}


def _matched(
    old_keys: Int64Array,
    old: Mapping[str, Float64Array],
    keys: Int64Array,
    new: Mapping[str, Float64Array],
) -> tuple[Int64Array, BoolArray]:
    """Return which new edge each old one stands for, and whether it may stay as it is."""
    if not len(keys) or not len(old_keys):
        return np.zeros(len(old_keys), dtype=np.int64), np.zeros(len(old_keys), dtype=bool)
    order = np.argsort(keys)
    match = order[np.minimum(np.searchsorted(keys, old_keys, sorter=order), len(keys) - 1)]
    stays = keys[match] == old_keys
    for column in _ORDER:
        stays &= np.abs(old[column] - new[column][match]) <= _TOLERANCE
    # Two edges between the same two items: part from both, create one.
    _, number, times = np.unique(old_keys, return_inverse=True, return_counts=True)
    return match, stays & (times[number] == 1)


def _filled(edges: ItemEdges) -> dict[str, Float64Array]:
    """Return every property of every edge; 0 for one that such edges do not have."""
    nothing = np.zeros(len(edges))
    return {name: np.asarray(edges.values.get(name, nothing), np.float64) for name in _ORDER}


def _batches(
    names: tuple[str, ...],
    parted: Int64Array,
    created: Int64Array,
    edges: ItemEdges,
    new: Mapping[str, Float64Array],
) -> Iterator[tuple[list[list[Any]], int]]:
    """Yield rows of ``derive/replace``, all of an item together, and how many edges they create."""
    n = len(names)
    parted = np.sort(parted)
    item, gone = edges.item[created], parted // max(1, n)
    sizes = np.bincount(item, minlength=n) + np.bincount(gone, minlength=n)
    batch = np.cumsum(sizes) // _EDGES_PER_TRANSACTION
    cuts = [0, *(np.flatnonzero(np.diff(batch)) + 1).tolist(), n]
    for low, high in itertools.pairwise(cuts):
        rows: dict[int, list[Any]] = {}
        for key in parted[slice(*np.searchsorted(gone, (low, high)))].tolist():
            rows.setdefault(key // n, [names[key // n], [], []])[1].append(names[key % n])
        these = created[slice(*np.searchsorted(item, (low, high)))]
        ends = zip(edges.item[these].tolist(), edges.other[these].tolist(), strict=True)
        for (one, other), values in zip(ends, _properties(edges, new, these), strict=True):
            rows.setdefault(one, [names[one], [], []])[2].append([names[other], *values])
        if rows:
            yield list(rows.values()), len(these)


def _properties(
    edges: ItemEdges, new: Mapping[str, Float64Array], these: Int64Array
) -> Iterator[tuple[Any, ...]]:
    """Yield the properties of some edges, None for one that such edges do not have."""
    columns: list[list[Any]] = [new["score"][these].tolist()]
    for name in _COUNTS:
        values = new[name][these].astype(np.int64).tolist()
        columns.append(values if name in edges.values else [None] * len(these))
    return zip(*columns, strict=True)


def _taken_over(name: str) -> Busy:
    return Busy(
        f"another build of the {name} graph began meanwhile",
        hint="let it finish: engine graph list",
    )

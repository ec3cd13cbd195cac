"""Whole corpora of random walks, as chunks of arrays (``cypher/walk``).

Walked on the pulled graph, which is the faster by far, or by the Graph Data Science plugin where
the graph is not to leave the server.
"""

from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import numpy as np

from engine.data.adjacency import Graph
from engine.data.arrays import Int32Array, Int64Array
from engine.data.vocabulary import Vocabulary
from engine.data.walking.walk_plan import NODES_PER_CHUNK, WalkPlan, start_nodes, walks_on
from engine.data.walking.walk_tables import pieces
from engine.errors import UsageError
from engine.graph import census
from engine.graph.pulling import edge_pages, projection
from engine.graph.pulling.edge_pages import EVENTS, Triple
from engine.graph.pulling.projection import Orientation, Projected
from engine.store.graph_client import GraphClient

Via = Literal["auto", "gds", "pulled"]

MAX_PULLED = 100_000_000
"""Edges that are pulled without being asked to: they take about 2 GB here."""
# The server works on one query with one core.
_AT_ONCE = 2
_AHEAD = 4


@dataclass(frozen=True)
class Corpus:
    """Walks over nodes of some labels in one numbering.

    Attributes:
        nodes: Label to its ids; the positions in the walks count through all of them.
        chunks: ``(k, length) int32`` arrays, -1 after the end of a walk; each chunk holds all walks
            of some nodes, which come in random order. To be used once.
        via: ``gds`` or ``pulled``.
    """

    nodes: Mapping[str, Vocabulary]
    chunks: Iterator[Int32Array]
    via: str


@contextmanager
def walk_corpus(
    client: GraphClient,
    plan: WalkPlan,
    triples: Sequence[Triple] = (EVENTS,),
    *,
    undirected: bool = True,
    weight: str = "weight",
    via: Via = "auto",
) -> Iterator[Corpus]:
    """Walk over the edges of some kinds; what was made for it is freed at the end of the block.

    Parallel edges are one, their weights added, unless walks go in order of time.

    Args:
        client: The graph.
        plan: Which walks.
        triples: Kinds of edges.
        undirected: Whether a walk may take an edge against its direction.
        weight: Property with the weight of an edge, for weighted plans; 1 where it has none.
        via: ``pulled``: on arrays in this process; ``gds``: on the server; ``auto``: pulled, unless
            the graph is too large for that and the server has the plugin.

    Raises:
        UsageError: A name is unknown, or the plugin is missing or has no such walks.
    """
    if via not in ("auto", "gds", "pulled"):
        raise UsageError(f"parameter via must be auto, gds or pulled, not {via!r}")
    projection.check_triples(client, triples, weight if plan.weighted else None)
    labels = list(dict.fromkeys(label for one in triples for label in (one.head, one.tail)))
    if plan.start is not None and plan.start not in labels:
        raise UsageError(
            f"parameter start: no walk reaches the label {plan.start!r}",
            hint="there is: " + ", ".join(labels),
        )
    if via == "auto":
        via = "gds" if _should_stay(client, plan, triples) else "pulled"
    named = weight if plan.weighted else None
    if via == "pulled":
        graph = projection.pull_graph(
            client,
            triples,
            undirected=undirected,
            merge=not plan.in_time,
            weight=named,
            times=plan.in_time,
        )
        yield Corpus(graph.nodes, walks_on(graph, plan), "pulled")
        return
    if reason := _not_in_gds(plan):
        raise UsageError(
            f"parameter {reason}: Graph Data Science has no such walks", hint="via='pulled'"
        )
    orientation: Orientation = "UNDIRECTED" if undirected else "NATURAL"
    with projection.in_gds(
        client, triples, orientation=orientation, merge=True, weight=named
    ) as projected:
        numbering = _Numbering.of(client, labels)
        chunks = _walked(client, projected, plan, numbering, named)
        try:
            yield Corpus(numbering.graph.nodes, chunks, "gds")
        finally:
            # The graph may be dropped only once no query walks on it.
            chunks.close()


def _should_stay(client: GraphClient, plan: WalkPlan, triples: Sequence[Triple]) -> bool:
    """Tell whether a graph is so large that the plugin, where it can, had better walk on it."""
    held = census.count(client)
    return (
        held.events + held.facts > MAX_PULLED
        and client.server.gds is not None
        and _not_in_gds(plan) is None
        and projection.fits_gds(client, triples)
    )


def _not_in_gds(plan: WalkPlan) -> str | None:
    if plan.in_time:
        return "in_time"
    return "restart" if plan.restart else None


@dataclass(frozen=True)
class _Numbering:
    """Positions of nodes and the server's numbers for them, both ways.

    Attributes:
        graph: The nodes, without an edge.
        position: ``(numbers + 1,) int32``, -1 for other nodes.
        number: ``(n,) int64``.
    """

    graph: Graph
    position: Int32Array
    number: Int64Array

    @classmethod
    def of(cls, client: GraphClient, labels: Sequence[str]) -> "_Numbering":
        found = {label: edge_pages.pull_nodes(client, label) for label in labels}
        sizes = [len(nodes.ids) for nodes in found.values()]
        position = np.full(max(len(nodes.rows) for nodes in found.values()), -1, dtype=np.int32)
        number = np.empty(sum(sizes), dtype=np.int64)
        offset = 0
        for nodes, size in zip(found.values(), sizes, strict=True):
            numbers = np.flatnonzero(nodes.rows >= 0)
            position[numbers] = offset + nodes.rows[numbers]
            number[position[numbers]] = numbers
            offset += size
        none = np.empty(0, dtype=np.int32)
        vocabularies = {label: nodes.ids for label, nodes in found.items()}
        indptr = np.zeros(offset + 1, dtype=np.int64)
        return cls(Graph(vocabularies, indptr, none), position, number)


def _walked(
    client: GraphClient,
    projected: Projected,
    plan: WalkPlan,
    numbering: _Numbering,
    weight: str | None,
) -> Generator[Int32Array, None, None]:
    """Yield chunk after chunk, with a few queries under way."""
    rng = np.random.default_rng(plan.seed)
    starts = rng.permutation(start_nodes(numbering.graph, plan.start))
    seeds = rng.integers(0, 2**53, size=len(starts) // NODES_PER_CHUNK + 1).tolist()

    def ask(piece: slice) -> Int32Array:
        walks = client.ask(
            "walk/in_gds",
            graph=projected.name,
            starts=numbering.number[starts[piece]].tolist(),
            per_node=plan.per_node,
            length=plan.length,
            p=plan.p,
            q=plan.q,
            weight=weight,
            seed=seeds[piece.start // NODES_PER_CHUNK],
        )[0]["walks"]
        return _array(walks, starts[piece], plan, numbering.position)

    coming: deque[Future[Int32Array]] = deque()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            for piece in pieces(len(starts), NODES_PER_CHUNK):
                coming.append(pool.submit(ask, piece))
                if len(coming) > _AHEAD:
                    yield coming.popleft().result()
            while coming:
                yield coming.popleft().result()
        finally:
            for query in coming:
                query.cancel()


def _array(
    walks: list[list[int]], starts: Int32Array, plan: WalkPlan, position: Int32Array
) -> Int32Array:
    """Return walks by the server's numbers as rows of positions, -1 after their ends."""
    sizes = np.fromiter(map(len, walks), dtype=np.int64, count=len(walks))
    flat = np.fromiter(chain.from_iterable(walks), dtype=np.int64, count=int(sizes.sum()))
    placed = position.take(np.minimum(flat, len(position) - 1))
    missing = len(starts) * plan.per_node - len(walks)
    if not missing and (sizes == plan.length).all():
        return placed.reshape(-1, plan.length)
    rows = np.full((len(walks) + missing, plan.length), -1, dtype=np.int32)
    rows[: len(walks)][np.arange(plan.length) < sizes[:, None]] = placed
    # The plugin leaves out starts without edges.
    rows[len(walks) :, 0] = np.repeat(np.setdiff1d(starts, rows[:, 0]), plan.per_node)
    return rows

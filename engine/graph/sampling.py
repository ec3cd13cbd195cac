"""Sample the neighbourhoods of a batch of nodes (``cypher/hop``): one query per hop.

A node that has very many edges is read whole, once, and drawn from here afterwards, so that in the
long run it costs what others cost. The server's ``rand()`` takes no seed: draws cannot be repeated.
Nodes are the server's numbers (``edge_pages.pull_nodes`` has them for ids), arrays go in and out.
"""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.data.adjacency import EdgeList
from engine.data.arrays import AnyArray, BoolArray, Int64Array
from engine.data.edge_sampling import NodeEdges, check_count, sample_per_group
from engine.errors import NotFound, UsageError
from engine.graph.hop import EdgeSampling, EdgeStep, sample_edges
from engine.graph.hub_lists import HubLists
from engine.graph.pulling.projection import check_triples
from engine.store.graph_client import GraphClient, Row

_PAGE = 512
_HUBS_PER_PAGE = 8
# The server works on one query with one core.
_AT_ONCE = 2
_STATEMENTS = {
    "uniform": "hop/uniform",
    "replacement": "hop/replacement",
    "weighted": "hop/weighted",
    "recent": "hop/recent",
}


class NeighbourSampler:
    """Draws edges of nodes; thread-safe, not to be shared across processes.

    Args:
        client: The graph.
        steps: What hops may follow; checked here, once.
        draw: How.

    Raises:
        UsageError: The graph has no such label, type or property.
    """

    def __init__(
        self,
        client: GraphClient,
        steps: Sequence[EdgeStep] = (EdgeStep(),),
        draw: EdgeSampling | None = None,
    ) -> None:
        self._client = client
        self._draw = draw or EdgeSampling()
        weight = self._draw.weight if self._draw.kind == "weighted" else None
        check_triples(client, [step.triple for step in steps], weight)
        self.hubs = HubLists(self._draw.hub_edges)
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="sample")

    def close(self) -> None:
        """End the threads; the client stays open."""
        self._pool.shutdown()

    def hop(
        self, nodes: npt.ArrayLike, step: EdgeStep, k: int | None, rng: np.random.Generator
    ) -> EdgeList:
        """Draw edges of each node.

        Args:
            nodes: ``(n,)`` the server's numbers; one that stands twice counts once.
            step: What to follow.
            k: Edges for a node, at most; None: all of them.
            rng: For that part of the drawing that happens here.

        Raises:
            UsageError: k is no positive whole number.
            NotFound: There is no node of such a number.
        """
        wanted = np.unique(np.asarray(nodes, dtype=np.int64))
        if k is None:
            return sample_edges(self._read_whole(wanted, step), None, self._draw, rng)
        check_count("k", k)
        lists = self.hubs.find(step, wanted.tolist())
        asked = wanted[~np.isin(wanted, list(lists))] if lists else wanted
        drawn, degrees = self._ask(asked, step, k)
        hubs = asked[degrees > self._draw.hub_degree]
        if len(hubs):
            fetched = self._read_whole(hubs, step)
            self.hubs.keep(step, fetched)
            lists |= fetched
        if self._draw.kind == "uniform":
            # Which nodes got too few says nothing about which edges: a new draw is as good.
            short = _short(asked, degrees, drawn, k) & (degrees <= self._draw.hub_degree)
            if short.any():
                drawn = drawn.take(~np.isin(drawn.source, asked[short]))
                lists |= self._read_whole(asked[short], step)
            drawn = drawn.take(sample_per_group(drawn.source, k, rng))
        return EdgeList.joined([drawn, sample_edges(lists, k, self._draw, rng)])

    def sample(
        self,
        seeds: npt.ArrayLike,
        steps: Sequence[EdgeStep],
        fanout: Sequence[int | None],
        rng: np.random.Generator,
    ) -> list[EdgeList]:
        """Draw a neighbourhood: each hop starts at what the last one came to, each node once.

        Args:
            seeds: ``(n,)`` the server's numbers.
            steps: What each hop follows.
            fanout: Edges for a node in each hop.
            rng: As for ``hop``.

        Raises:
            UsageError: A fan-out is wrong, or there are not as many as steps.
            NotFound: There is no node of such a number.
        """
        if len(steps) != len(fanout):
            raise UsageError(f"parameter fanout must have {len(steps)} numbers, one for each step")
        nodes, hops = np.asarray(seeds, dtype=np.int64), []
        for step, k in zip(steps, fanout, strict=True):
            hops.append(self.hop(nodes, step, k, rng))
            nodes = hops[-1].target.astype(np.int64, copy=False)
        return hops

    def _ask(self, nodes: Int64Array, step: EdgeStep, k: int) -> tuple[EdgeList, Int64Array]:
        """Return what the server draws, and the degree of each node, other relations left out."""
        draw = self._draw
        given: dict[str, Any] = {"hub": draw.hub_degree, "attributes": draw.attributes}
        given |= {"bound": _bound(k)} if draw.kind == "uniform" else {"k": k}
        rows = self._pages(_STATEMENTS[draw.kind], nodes, _PAGE, step, given)
        drawn = EdgeList(
            _column(rows, "source", np.int64),
            _column(rows, "target", np.int64),
            _column(rows, "weight", np.float32) if draw.attributes else None,
            _column(rows, "at", np.int64) if draw.attributes else None,
        )
        return drawn, _column(rows, "degrees", np.int64)

    def _read_whole(self, nodes: Int64Array, step: EdgeStep) -> dict[int, NodeEdges]:
        """Return all edges of some nodes."""
        draw = self._draw
        weighted = draw.attributes or draw.kind == "weighted"
        timed = draw.attributes or draw.kind == "recent"
        rows = self._pages(
            "hop/whole", nodes, _HUBS_PER_PAGE, step, {"weighted": weighted, "timed": timed}
        )
        source = _column(rows, "source", np.int64)
        order = np.argsort(source, kind="stable")
        if timed:
            at, edge = _column(rows, "at", np.int64), _column(rows, "edge", np.int64)
            order = np.lexsort((-edge, -at, source))
        target = _column(rows, "target", np.int64)[order]
        weight = _column(rows, "weight", np.float32)[order] if weighted else None
        moment = at[order] if timed else None
        ends = np.searchsorted(source[order], np.stack([nodes, nodes + 1]))
        return {
            number: NodeEdges(
                target[first:last],
                None if weight is None else weight[first:last],
                None if moment is None else moment[first:last],
            )
            for number, first, last in zip(nodes.tolist(), *ends.tolist(), strict=True)
        }

    def _pages(
        self, name: str, nodes: Int64Array, page: int, step: EdgeStep, given: dict[str, Any]
    ) -> list[Row]:
        """Ask about pages of nodes, two queries at a time, and return the rows in order."""
        pages = [nodes[at : at + page].tolist() for at in range(0, len(nodes), page)]
        half = (len(pages) + 1) // 2
        slots = {"relation": step.triple.relation, "reached": step.reached}
        slots["weight"] = self._draw.weight

        def ask(some: list[list[int]]) -> list[Row]:
            return self._client.read(name, slots, pages=some, outgoing=step.outgoing, **given)

        parts = [part for part in (pages[:half], pages[half:]) if part]
        rows = [row for answer in self._pool.map(ask, parts) for row in answer]
        found = _column(rows, "nodes", np.int64)
        if len(found) != len(nodes):
            missing = np.setdiff1d(nodes, found)[0]
            raise NotFound(
                f"parameter nodes: the graph has no node of the number {missing}",
                hint="it was deleted since: read the nodes again",
            )
        return rows


def numbers_of(client: GraphClient, label: str, ids: Sequence[str]) -> Int64Array:
    """Return the server's numbers of nodes by id, ``(n,) int64``.

    Raises:
        NotFound: Names the first id that no node of the label has.
    """
    key = "key" if label == "Entity" else "id"
    found = client.read("hop/numbers", {"label": label, "key": key}, ids=list(ids))[0]["numbers"]
    for id_, (number,) in zip(ids, found, strict=True):
        if number is None:
            raise NotFound(f"parameter ids: there is no {label} {id_!r}")
    return np.array([number for (number,) in found], dtype=np.int64)


def _bound(k: int) -> float:
    """Return how many to draw so that one node in ten million gets less than k."""
    return k + 6.0 * math.sqrt(k) + 6.0


def _short(nodes: Int64Array, degrees: Int64Array, drawn: EdgeList, k: int) -> BoolArray:
    """Tell which nodes (sorted) got fewer than k though edges were left out."""
    counts = np.bincount(np.searchsorted(nodes, drawn.source), minlength=len(nodes))
    short: BoolArray = (counts < k) & (degrees + 1 > _bound(k))
    return short


def _column(rows: list[Row], name: str, kind: type) -> AnyArray:
    """Return the values of a column of lists, one after the other."""
    lists: list[AnyArray] = [np.array(row[name], dtype=kind) for row in rows]
    return np.concatenate(lists) if lists else np.empty(0, dtype=kind)

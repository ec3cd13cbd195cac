"""Rank the nodes of the graph and, where asked for, write the ranks on them."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import UsageError
from engine.graph.pagerank import pagerank, write_back
from engine.graph.power_iteration import PageRankOptions, RankedNode
from engine.graph.pulling.edge_pages import EVENTS, Triple
from engine.store.graph_client import GraphClient


@dataclass(frozen=True)
class Ranks:
    """The best nodes, and how many carry their rank now; None where nothing was to be written."""

    best: list[RankedNode]
    written: int | None


def rank(
    client: GraphClient,
    options: PageRankOptions,
    *,
    edges: Sequence[str] = (),
    top: int = 10,
    label: str | None = None,
    write: str | None = None,
) -> Ranks:
    """Return the ``top`` nodes by PageRank.

    Args:
        client: Which graph.
        options: How to rank.
        edges: Kinds of edges such as ``User-INTERACTED-Item``; none: that one.
        top: How many nodes.
        label: Of which label; None: of all that the edges join.
        write: Property that takes the score of every node, or None.

    Raises:
        UsageError: A text is no kind of edges, or the graph does not have it.
    """
    triples = [parse(text) for text in edges] or [EVENTS]
    ranking = pagerank(client, triples, options)
    best = ranking.top(top, label)
    return Ranks(best, None if write is None else write_back(client, ranking, write))


def parse(text: str) -> Triple:
    """Return the kind of edges that a text such as ``User-INTERACTED-Item`` names.

    Raises:
        UsageError: It names none.
    """
    parts = text.split("-")
    if len(parts) != len(("head", "relation", "tail")) or not all(parts):
        raise UsageError(
            f"parameter edges: {text!r} is no kind of edges", hint="such as User-INTERACTED-Item"
        )
    return Triple(*parts)

"""Methods on the graph itself: graphs between items, PageRank, named Cypher queries."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.answering import named_query, node_ranks, sampled_edges
from engine.answering.named_query import QueryResult, describe, find, queries
from engine.answering.node_ranks import Ranks
from engine.answering.sampled_edges import SampledEdge, SamplingMethod
from engine.config import Settings
from engine.connections.session import open_graph
from engine.data.baskets import Unit
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.signals import EventWeights
from engine.errors import NotFound
from engine.graph import content_index, derived_item_graphs
from engine.graph.content_index import ContentIndex
from engine.graph.derived_item_graphs import GraphName, StoredGraph
from engine.graph.power_iteration import PageRankOptions
from engine.publishing import item_graphs
from engine.publishing.item_graphs import BuildReport, BuildRequest
from engine.store.statements import Statement

__all__ = [
    "BuildReport",
    "BuildRequest",
    "ContentIndex",
    "EventWeights",
    "GraphName",
    "PageRankOptions",
    "QueryResult",
    "Ranks",
    "SampledEdge",
    "SamplingMethod",
    "Statement",
    "StoredGraph",
    "Unit",
    "build_content_indexes",
    "build_item_graph",
    "check_query",
    "describe_query",
    "find_query",
    "list_item_graphs",
    "list_queries",
    "rank_nodes",
    "run_query",
    "sample",
]

list_queries, find_query, describe_query = queries, find, describe
check_query = named_query.check


def build_item_graph(
    settings: Settings,
    request: BuildRequest,
    report: StageProgress = no_stage,
) -> BuildReport:
    """Build a graph between items, or bring it up to date; cut off, the same call finishes it.

    Args:
        settings: Which graph.
        request: Which graph between items, and from what.
        report: Called with what is being done, how much is done, and of how much.

    Raises:
        NotFound: There are no events to build from.
        UsageError: A kind of event is named that does not exist.
        Busy: Another build of the graph began meanwhile.
    """
    with open_graph(settings) as graph:
        return item_graphs.build(graph, request, report, settings.event_weights)


def build_content_indexes(
    settings: Settings, report: StageProgress = no_stage
) -> list[ContentIndex]:
    """Build a vector index of every attribute of items that is a vector.

    Raises:
        NotFound: No item has any.
    """
    with open_graph(settings) as graph:
        found = content_index.build(graph, report)
    if not found:
        raise NotFound(
            "no item has a vector", hint="load lists of numbers with: engine ingest --items FILE"
        )
    return found


def list_item_graphs(settings: Settings) -> list[StoredGraph]:
    """Return the graphs between items that were ever built."""
    with open_graph(settings) as graph:
        return derived_item_graphs.graphs(graph)


def rank_nodes(
    settings: Settings,
    options: PageRankOptions,
    *,
    edges: Sequence[str] = (),
    top: int = 10,
    label: str | None = None,
    write: str | None = None,
) -> Ranks:
    """Return the ``top`` nodes by PageRank.

    Args:
        settings: Which graph.
        options: How to rank.
        edges: Kinds of edges such as ``User-INTERACTED-Item``; none: that one.
        top: How many nodes.
        label: Of which label; None: of all that the edges join.
        write: Property that takes the score of every node, or None.

    Raises:
        UsageError: A text is no kind of edges, or the graph does not have it.
    """
    with open_graph(settings) as graph:
        return node_ranks.rank(graph, options, edges=edges, top=top, label=label, write=write)


def run_query(
    settings: Settings,
    name: str,
    given: Mapping[str, Any],
    *,
    limit: int | None = None,
    write: bool = False,
) -> QueryResult:
    """Run a query by name.

    Args:
        settings: Which server.
        name: As ``engine query list`` shows it.
        given: Parameters and slots, as texts or as values.
        limit: Records to return at most; None means all.
        write: Allow a statement that writes.

    Raises:
        NotFound: There is no such query, or no node of an id.
        UsageError: A value is missing, unknown or not allowed; the file changes the schema, or
            writes and may not; the server lacks what the file needs.
    """
    named_query.check(name, given, write=write)
    with open_graph(settings) as graph:
        return named_query.run(graph, name, given, limit=limit)


def sample(
    settings: Settings,
    seeds: Sequence[str],
    fanout: Sequence[int],
    relation: str,
    labels: tuple[str, str],
    how: SamplingMethod,
) -> list[SampledEdge]:
    """Draw a neighbourhood; ``sampled_edges.sample`` says how, and what it raises."""
    with open_graph(settings) as graph:
        return sampled_edges.sample(graph, seeds, fanout, relation, labels, how)

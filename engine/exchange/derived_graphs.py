"""Graphs between items, and indexes on vectors that users brought: built again, as they were built.

They hold nothing that is not in the events, the attributes and the vectors, so a folder has their
settings alone.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.data.kind_weights import KindWeights
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.signals import EventWeights
from engine.exchange.manifest import DERIVED
from engine.graph import content_index, derived_item_graphs
from engine.publishing import item_graphs
from engine.publishing.item_graphs import BuildRequest
from engine.store.graph_client import GraphClient

DOCUMENT = DERIVED


def document(client: GraphClient) -> dict[str, Any]:
    """Return with what each graph was built, and which attributes have an index."""
    stored = derived_item_graphs.graphs(client)
    return {
        "graphs": [dict(one.settings) for one in stored if one.settings],
        "content": sorted(content_index.widths(client)),
    }


def build(
    client: GraphClient,
    found: Mapping[str, Any],
    kinds: KindWeights,
    report: StageProgress = no_stage,
) -> tuple[str, ...]:
    """Build those that are not there, and return the names of the graphs."""
    if set(found["content"]) - set(content_index.widths(client)):
        content_index.build(client, report)
    return tuple(_build_graphs(client, found["graphs"], kinds, report))


def _build_graphs(
    client: GraphClient, graphs: list[dict[str, Any]], kinds: KindWeights, report: StageProgress
) -> Iterator[str]:
    there = {one.name for one in derived_item_graphs.graphs(client) if one.settings}
    for given in graphs:
        if given["graph"] not in there:
            request = BuildRequest(**given | {"weights": EventWeights(**given["weights"])})
            item_graphs.build(client, request, report, kinds)
            yield request.graph

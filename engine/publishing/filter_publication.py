"""Write a filter into the graph: its edges on the items, and what its lists need beside them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from engine.data.progress_callbacks import StageProgress
from engine.errors import PublishRefused
from engine.graph import embeddings, stored_filters, stored_generations
from engine.graph.pulling import pull
from engine.models import item_filter
from engine.publishing import plain_generation
from engine.publishing.published import Published
from engine.store.graph_client import GraphClient
from engine.training.checkpoint import TrainedModel


@dataclass(frozen=True)
class WrittenFilter:
    """A filter in the graph, not in service yet.

    Attributes:
        stored: What its lists read from the generation's node.
    """

    published: Published
    stored: dict[str, Any]


def write(
    graph: GraphClient,
    number: int,
    trained: TrainedModel,
    edges: sparse.csr_array,
    report: StageProgress,
) -> WrittenFilter:
    """Write the edges of a trained filter, and the popularity that stands beside them.

    Raises:
        PublishRefused: No item of this graph has an edge.
    """
    items = stored_filters.write(
        graph, number, trained.items, edges, lambda n, m: report("writing edges", n, m)
    )
    if items == 0:
        raise PublishRefused(
            "the filter leads from no item of this graph to another one",
            hint="train on this graph: engine train",
        )
    there = embeddings.carriers(graph, "Item", stored_filters.edges_name(number))
    most = int(np.diff(edges.indptr).max(initial=0))
    profile = item_filter.config_of(trained.settings)
    stored = {
        "dimension": 0,
        "edges": most,
        "edge_items": items,
        "profile_items": item_filter.PROFILE_ITEMS,
        "profile_half_life_days": profile.profile_half_life_days,
        "confidence": profile.confidence,
        "threshold": profile.threshold if profile.confidence == "threshold" else None,
        **_popularity(graph, number, trained),
    }
    published = Published(
        generation=number,
        model=trained.model,
        dimension=0,
        users=0,
        items=items,
        entities=0,
        users_without=0,
        items_without=there.nodes - there.vectors,
        not_in_graph=int((np.diff(edges.indptr) > 0).sum()) - items,
        overlap=1.0,
        over_fetch=0,
        popular_fetch=0,
        index_attributes=(),
        m=0,
        ef_construction=0,
        search_milliseconds=0.0,
        removed=(),
        in_service=False,
        ranked=False,
        edges=most,
    )
    return WrittenFilter(published, stored)


def _popularity(graph: GraphClient, number: int, trained: TrainedModel) -> dict[str, Any]:
    """Return what lists read of popularity: the recent one stands on the items."""
    found = stored_generations.popularity(graph).stored()
    days = trained.popular_half_life_days
    if not days or not trained.popularity_weight:
        return found
    events = pull.pull_interactions(graph)
    return found | plain_generation.write_recent_popularity(graph, number, events, days)

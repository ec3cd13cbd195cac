"""Write a filter into the graph: its edges on the items, and what its lists need beside them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from engine.data.kind_weights import KindWeights
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
    kinds: KindWeights,
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
    stored = {
        **settings_of(trained, edges),
        "dimension": 0,
        "edge_items": items,
        **_popularity(graph, number, trained, kinds),
    }
    nodes = embeddings.carriers(graph, "Item", stored_filters.edges_name(number)).nodes
    meant = int((np.diff(edges.indptr) > 0).sum())
    published = Published(
        generation=number,
        model=trained.model,
        items=items,
        items_without=nodes - items,
        not_in_graph=meant - items,
        edges=stored["edges"],
    )
    return WrittenFilter(published, stored)


def settings_of(trained: TrainedModel, edges: sparse.csr_array) -> dict[str, Any]:
    """Return what ``cypher/part/filter_profile.cypher`` reads from the generation's node."""
    profile = item_filter.config_of(trained.settings)
    found = {
        "edges": int(np.diff(edges.indptr).max(initial=0)),
        "list_edges": profile.list_edges,
        "profile_items": profile.profile_items,
        "profile_half_life_days": profile.profile_half_life_days,
        "confidence": profile.confidence,
    }
    if profile.confidence == "threshold":
        found["threshold"] = profile.threshold
    return found


def _popularity(
    graph: GraphClient, number: int, trained: TrainedModel, kinds: KindWeights
) -> dict[str, Any]:
    """Return what lists read of popularity: the recent one stands on the items."""
    found = stored_generations.write_popularity(graph, number, kinds).stored()
    days = trained.popular_half_life_days
    if not days or not trained.popularity_weight:
        return found
    events = pull.pull_interactions(graph, kinds=kinds)
    return found | plain_generation.write_recent_popularity(graph, number, events, days)

"""Neighbours by visit counts of the nodes of a label: pulled once, then walked in memory.

From one node the query ``neighbours/visit_counts`` walks in the database.
"""

import numpy as np

from engine.data.walking.visit_counts import VisitCounts, VisitPlan
from engine.data.walking.visit_counts import visit_counts as counted
from engine.graph.pulling.projection import pull_graph
from engine.store.graph_client import GraphClient


def visit_counts(
    client: GraphClient,
    rng: np.random.Generator,
    plan: VisitPlan | None = None,
    *,
    label: str = "Item",
) -> VisitCounts:
    """Return the most visited neighbours of every node of a label, parallel events as one edge.

    Raises:
        UsageError: No event joins nodes of the label.
    """
    return counted(pull_graph(client, merge=True), rng, plan, label=label)

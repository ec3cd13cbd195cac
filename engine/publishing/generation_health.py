"""Whether a generation is whole: what its lists need is in the graph."""

from engine.graph import (
    embeddings,
    stored_filters,
    stored_generations,
    user_neighbours,
    vector_index,
)
from engine.graph.stored_generations import StoredGeneration
from engine.store.graph_client import GraphClient


def why_unservable(graph: GraphClient, one: StoredGeneration) -> str | None:
    """Return what keeps a generation from serving, or None."""
    if one.state not in ("ready", "published"):
        return f"it is {one.state}"
    if one.settings.get("plain"):  # there are no vectors
        return user_neighbours.fault(graph, one.number, one.settings)
    if one.settings.get("edges"):
        fault = stored_filters.fault(graph, one.number, one.settings)
        return fault or stored_generations.artefact_fault(graph, one)
    dimension = one.settings.get("dimension")
    for label in embeddings.LABELS:
        if label == "Entity" and not one.settings.get("entity_vectors"):
            continue  # most models have none
        if fault := vector_index.health(graph, label, one.number, int(dimension or 0)):
            return fault
        there = embeddings.coverage(graph, label, one.number).vectors
        written = one.settings.get(f"{label.lower()}_vectors")
        # Users and items may have left the graph since; what must not be is a label with few left.
        if there == 0 or (written and there < written / 2):
            return f"{there} of {written} vectors of {label.lower()}s are left"
    return stored_generations.artefact_fault(graph, one)

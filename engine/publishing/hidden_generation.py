"""A generation that never serves: vectors in the graph for as long as somebody asks about the past.

It is a candidate like every other one: what an interrupted process leaves is found and removed by
the next publish.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from engine.data.kind_weights import EQUAL, KindWeights
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.graph import embeddings, stored_filters, stored_generations, vector_index
from engine.publishing import filter_publication, generations, stored_vectors
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry
from engine.training.checkpoint import TrainedModel

_INDEX = vector_index.IndexSettings(m=16, ef_construction=100)


@contextmanager
def hidden_generation(
    graph: GraphClient,
    registry: Registry,
    trained: TrainedModel,
    report: StageProgress = no_stage,
    kinds: KindWeights = EQUAL,
) -> Iterator[int]:
    """Write a model's vectors and an index of the items', or its edges; remove them at the end.

    Args:
        graph: Where to.
        registry: Where numbers of generations are taken.
        trained: Whose vectors, as they would be served.
        report: Called with a stage, how much of it is done, and how much there is.
        kinds: What kinds of event weigh.

    Raises:
        PublishRefused: A vector is not finite.
    """
    users, items, _ = stored_vectors.of_users_and_items(trained)
    edges = trained.edges
    more: dict[str, Any] = {} if edges is None else filter_publication.settings_of(trained, edges)
    number = generations.create_candidate(graph, registry, trained.model, more | kinds.stored())
    try:
        if edges is not None:
            stored_filters.write(
                graph, number, trained.items, edges, lambda n, m: report("writing edges", n, m)
            )
            yield number
            return
        for stage, label, ids, vectors in (
            ("writing users", "User", trained.users, users),
            ("writing items", "Item", trained.items, items),
        ):
            embeddings.write(
                graph,
                label,  # type: ignore[arg-type]
                number,
                ids,
                vectors,
                lambda n, m, stage=stage: report(stage, n, m),  # type: ignore[misc]
            )
        report("indexing items", 0, 1)
        vector_index.build(graph, "Item", number, items.shape[1], _INDEX)
        yield number
    finally:
        stored_generations.remove(graph, number)

"""The graph of what a model learns from: who had what, and the facts where they are wanted."""

import numpy as np

from engine.data.adjacency import EdgeList, Graph
from engine.data.training_data import TrainingData
from engine.errors import DataError


def graph_from_training_data(material: TrainingData, *, facts: bool = False) -> Graph:
    """Return users, items and, with facts, entities, as an undirected graph of single edges.

    All edges weigh the same. The numbering is that of ``Knowledge``: users, items, entities.

    Args:
        material: Where events and facts come from.
        facts: Whether facts are edges too, whatever their relation.

    Raises:
        DataError: Facts are wanted and none were pulled.
    """
    events, knowledge = material.events, material.knowledge
    nodes = {"User": events.users, "Item": events.items}
    source = events.user.astype(np.int64)
    target = events.item.astype(np.int64) + events.n_users
    if facts:
        if knowledge is None:
            raise DataError(
                "this model walks along facts, and there are none",
                hint="load some with: engine ingest --facts FILE",
            )
        nodes["Entity"] = knowledge.entities
        apart = knowledge.head != knowledge.tail
        source = np.concatenate([source, knowledge.head[apart]])
        target = np.concatenate([target, knowledge.tail[apart]])
    return Graph.from_edges(nodes, EdgeList(source, target), undirected=True, merge=True)

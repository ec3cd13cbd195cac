"""What is stored of a model's vectors: unit length, or inner products reduced to cosine."""

import numpy as np

from engine.data.arrays import Float32Array
from engine.errors import PublishRefused
from engine.graph import index_recall
from engine.training.checkpoint import TrainedModel


def of_users_and_items(trained: TrainedModel) -> tuple[Float32Array, Float32Array, float]:
    """Return what is stored for users and items, and M of the reduction (1 for cosine)."""
    users, items = trained.user_vectors, trained.item_vectors
    if not (np.isfinite(users).all() and np.isfinite(items).all()):
        raise PublishRefused("the model has numbers that are not finite", hint="engine train")
    if trained.edges is not None:
        return users, items, 1.0  # a filter has none
    if trained.scoring == "dot":
        return index_recall.reduce_dot_to_cosine(users, items)
    return index_recall.unit(users), index_recall.unit(items), 1.0


def of_entities(trained: TrainedModel) -> Float32Array:
    """Return what is stored for entities; no rows of a model that has no vectors of them."""
    entities = trained.entity_vectors
    if entities is None:
        return np.empty((0, trained.item_vectors.shape[1]), dtype=np.float32)
    if not np.isfinite(entities).all():
        raise PublishRefused("the model has numbers that are not finite", hint="engine train")
    if trained.scoring == "dot":
        # Entities are found among entities: their ranking needs a longest one of their own.
        return index_recall.reduce_dot_to_cosine(trained.user_vectors, entities)[1]
    return index_recall.unit(entities)


def mean_user(trained: TrainedModel, users: Float32Array) -> dict[str, list[float]]:
    """Return the mean of users' vectors of length one, by which new items are placed; else nothing.

    Args:
        trained: Of which model.
        users: ``(n, d)``, as they are stored.
    """
    if trained.scoring == "dot" or trained.edges is not None or not len(users):
        return {}
    return {"user_mean": users.mean(axis=0, dtype=np.float64).tolist()}

"""The vectors of a trained model as they are published: reduced, with the coordinate of a trend."""

from typing import Any

import numpy as np

from engine.data.interactions import Interactions
from engine.evaluation import reduction
from engine.evaluation.trend import Trend, fold
from engine.models.encoder import Embeddings, Encoder


def folded(encoder: Encoder[Any], known: Interactions, trend: Trend, width: int = 0) -> Embeddings:
    """Return the vectors as they are published; edges as they are.

    They are reduced to ``width`` numbers where they have more, and gain the trend's coordinate.
    """
    plain = encoder.encode()
    if plain.edges is not None:
        return plain
    cosine = encoder.config.scoring == "cosine"
    plain = reduction.reduce(plain, width, cosine=cosine)
    users, items = fold(plain.users, plain.items, known, trend, cosine=cosine)
    entities = plain.entities
    if entities is not None:
        # Entities have no trend; they stay in the space of the items.
        entities = np.pad(entities, ((0, 0), (0, items.shape[1] - entities.shape[1])))
    return Embeddings(users, items, entities)

"""Sources: which batches a kind of model learns from.

A new kind of batch is one function here. May import: ``batches``, ``triple_batches``, ``options``,
``engine.models``, ``engine.data``.
"""

from collections.abc import Callable
from typing import Any

from engine.data.material import Material
from engine.data.triples import Triples
from engine.models.entries import BatchKind
from engine.training.batches import Batches, BatchSource, Sampling
from engine.training.options import TrainingConfig
from engine.training.triple_batches import TripleBatches

Draw = Callable[[Material, Any, TrainingConfig, int], BatchSource[Any]]


def pairs(material: Material, _: Any, config: TrainingConfig, seed: int) -> Batches:
    """Return batches of (user, item), with items to tell them from."""
    return Batches(
        material.events,
        Sampling(config.batch_size, config.negatives, config.negative_count, seed, config.recency),
    )


def triples(material: Material, model: Any, config: TrainingConfig, seed: int) -> TripleBatches:
    """Return batches of events and facts, with nodes to put in place of their ends."""
    return TripleBatches(
        Triples.of(material, facts=model.relations == "all"),
        Sampling(config.batch_size, config.negatives, config.negative_count, seed, config.recency),
        model.fact_weight,
    )


SOURCES: dict[BatchKind, Draw] = {"pairs": pairs, "triples": triples}
"""Kind of batch to what draws it from material, the config of the model, that of training, seed."""

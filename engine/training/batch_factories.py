"""Sources: which batches a kind of model learns from.

A new kind of batch is one function here.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.data.training_data import TrainingData
from engine.data.training_graph import graph_from_training_data
from engine.data.triples import Triples
from engine.errors import UsageError
from engine.models.node2vec import DeepWalkConfig
from engine.models.pinsage import PinSageConfig
from engine.models.registry_entries import BatchKind
from engine.models.sasrec import SASRecConfig
from engine.models.tgat import TGATConfig
from engine.training.batches import BatchSource, PairBatches, Sampling
from engine.training.event_batches import EventBatches
from engine.training.item_pairs import ItemPairBatches
from engine.training.sequence_batches import SequenceBatches
from engine.training.training_config import TrainingConfig
from engine.training.triple_batches import TripleBatches
from engine.training.walk_batches import WalkBatches

BatchFactory = Callable[[TrainingData, Any, TrainingConfig, int], BatchSource[Any]]


def pairs(material: TrainingData, _: Any, config: TrainingConfig, seed: int) -> PairBatches:
    """Return batches of (user, item), with negative items."""
    sampling = replace(_sampling(config, seed), unwanted=material.unwanted)
    return PairBatches(material.events, sampling)


def item_pairs(
    material: TrainingData, model: PinSageConfig, config: TrainingConfig, seed: int
) -> ItemPairBatches:
    """Return batches of (query, positive) items, with negative items."""
    _refuse_users(config)
    return ItemPairBatches(material.events, model, _sampling(config, seed))


def walks(
    material: TrainingData, model: DeepWalkConfig, config: TrainingConfig, seed: int
) -> WalkBatches:
    """Return batches of nodes near each other on walks.

    Raises:
        UsageError: Pairs are to weigh by their age: a walk has none.
    """
    if config.recency > 0:
        raise UsageError(
            "recency needs the age of a pair, and pairs of a walk have none",
            hint="leave out --set recency",
        )
    _refuse_users(config)
    graph = graph_from_training_data(material, facts=model.facts)
    return WalkBatches(graph, model, config.batch_size, seed)


def triples(material: TrainingData, model: Any, config: TrainingConfig, seed: int) -> TripleBatches:
    """Return batches of events and facts, with nodes to put in place of their ends."""
    _refuse_users(config)
    return TripleBatches(
        Triples.of(material, facts=model.relations == "all"),
        _sampling(config, seed),
        model.fact_weight,
    )


def sequences(
    material: TrainingData, model: SASRecConfig, config: TrainingConfig, seed: int
) -> SequenceBatches:
    """Return batches of users' sequences, with what comes next and negative items."""
    _refuse_users(config)
    sampling = replace(_sampling(config, seed), unwanted=material.unwanted)
    return SequenceBatches(material.events, model, sampling)


def events(
    material: TrainingData, model: TGATConfig, config: TrainingConfig, seed: int
) -> EventBatches:
    """Return batches of events of one stretch of time, with negative items; in order for memory."""
    _refuse_users(config)
    sampling = _sampling(config, seed)
    return EventBatches(material.events, sampling, in_order=model.memory > 0)


def _sampling(config: TrainingConfig, seed: int) -> Sampling:
    return Sampling(
        config.batch_size,
        config.negatives,
        config.negative_count,
        seed,
        config.recency,
        config.shuffle,
    )


def _refuse_users(config: TrainingConfig) -> None:
    if config.shuffle == "users":
        raise UsageError(
            "only pairs of a user and an item can be kept together by user",
            hint="leave out --set shuffle",
        )


SOURCES: dict[BatchKind, BatchFactory] = {
    "pairs": pairs,
    "item-pairs": item_pairs,
    "walks": walks,
    "triples": triples,
    "sequences": sequences,
    "events": events,
}
"""Kind of batch to what draws it from material, the config of the model, that of training, seed."""

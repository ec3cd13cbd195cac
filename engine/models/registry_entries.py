"""Registry entries: what the table of models holds for each model."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

import numpy as np

from engine.data.arrays import Float32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.models.encoder import Embeddings, Encoder
from engine.optional_dependencies import Extra

if TYPE_CHECKING:
    from engine.models.vector_tables import VectorTables

Build = Callable[[TrainingData, Any, np.random.Generator], Encoder[Any]]
BuildSharded = Callable[[TrainingData, Any, np.random.Generator, "VectorTables"], Encoder[Any]]
ModelKind = Literal["plain", "shallow", "sequence", "gnn"]
ExtraData = Literal["features", "facts", "timestamps", "shown"]
BatchKind = Literal["pairs", "item-pairs", "walks", "triples", "sequences", "events"]


class ItemScorer(Protocol):
    """A finished method that scores every item for some users."""

    def score(self, rows: Int64Array) -> Float32Array:
        """Return ``(len(rows), n_items) float32``, a fresh array."""


@runtime_checkable
class WithVectors(ItemScorer, Protocol):
    """A finished method whose scores are inner products, or near them."""

    def embeddings(self) -> Embeddings:
        """Return the vectors of every user and item."""


@dataclass(frozen=True, kw_only=True)
class ModelDescription:
    """What is known of a model without building it.

    Attributes:
        config: Its frozen config dataclass.
        summary: What it does, one line.
        kind: ``plain`` counts or solves; ``shallow`` learns a vector per node; ``sequence``
            reads what users had in order; ``gnn`` passes vectors along the graph.
        paper: Author and year, or empty.
        needs: What it cannot do without, beside events.
        takes: What it can use, beside events.
        unseen_users: Whether it makes vectors of users it never saw.
        unseen_items: Whether it makes vectors of items it never saw.
    """

    config: type
    summary: str
    kind: ModelKind
    paper: str = ""
    needs: tuple[ExtraData, ...] = ()
    takes: tuple[ExtraData, ...] = ()
    unseen_users: bool = False
    unseen_items: bool = False


@dataclass(frozen=True, kw_only=True)
class ModelEntry(ModelDescription):
    """A model that is trained step by step.

    Attributes:
        build: Makes one from what it learns from, its config and a generator.
        wants: Config to what has to be pulled beside events.
        batches: What it learns from at a step; ``engine.training.batch_factories`` draws it.
        training: Settings of training that are its own defaults, as texts.
        sharded: Makes one of given tables, which several processes may hold; None: it has its own.
        sparse_gradients: Whether a step looks up rows of its tables and does nothing else with
            them, so that the gradient of any other row is 0. It has ``sharded`` then.
    """

    build: Build
    wants: Callable[[Any], Collection[ExtraData]] = lambda _config: ()
    batches: BatchKind = "pairs"
    training: Mapping[str, str] = field(default_factory=dict)
    sharded: BuildSharded | None = None
    sparse_gradients: bool = False


@dataclass(frozen=True, kw_only=True)
class PlainMethod(ModelDescription):
    """A method that is finished once it is built.

    Attributes:
        build: Makes one from events, its config and a generator.
        vectors: Whether it has an ``embeddings()`` whose inner products are its scores, so that a
            vector index can serve it.
        edges: Whether it has ``item_edges()``, weighted edges between items that can be served; its
            config is then a ``FilterConfig`` (``engine/models/item_filter.py``).
        extra: Which extra brings a library that it is made by; None: it needs none.
    """

    build: Callable[[Interactions, Any, np.random.Generator], ItemScorer]
    vectors: bool = False
    edges: bool = False
    extra: Extra | None = None


def of_events(build: Callable[[Interactions, Any, np.random.Generator], Encoder[Any]]) -> Build:
    """Return how a model is built that learns from events alone."""
    return lambda material, config, generator: build(material.events, config, generator)


def sharded_of_events(
    build: "Callable[[Interactions, Any, np.random.Generator, VectorTables], Encoder[Any]]",
) -> BuildSharded:
    """Return how a model is built that learns from events alone, in one of several processes."""
    return lambda material, config, generator, tables: build(
        material.events, config, generator, tables
    )

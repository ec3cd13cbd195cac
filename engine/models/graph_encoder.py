"""Graph encoders: layers of messages over the user-item graph, whole or sampled.

h^0 of a node is its learned vector, or its features times a learned matrix; h^(k+1) is what layer k
makes of h^k of the node and of its neighbours; h^K is the result. Where features are given, the
model embeds nodes that it never saw.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch

from engine.data.arrays import Float32Array, Int64Array
from engine.data.features import NodeFeatures
from engine.data.interactions import Interactions
from engine.data.model_options import Span, option
from engine.errors import ModelError
from engine.models.collaborative import Collaborative, VectorConfig
from engine.models.encoder import Batch, Embeddings, Encoder, Loss, Side
from engine.models.feature_options import FeatureConfig
from engine.models.initialization import xavier_uniform
from engine.models.neighbourhood import NeighbourBlock, Neighbourhood, block_of
from engine.models.registry_entries import Build, ExtraData
from engine.models.tensors import array, tensor


@dataclass(frozen=True)
class GraphConfig(VectorConfig, FeatureConfig):
    """Settings of every graph encoder."""

    layers: int = option(2, "hops of messages", low=1, high=6, tune=Span(1, 3))
    inputs: str = option(
        "learned",
        "what vectors start from: learned ones, or the features of users and items that have any",
        choices=("learned", "features"),
    )
    fanout: int = option(
        0, "neighbours sampled per node and layer while training; 0: all", low=0, high=10_000
    )


class Layer(Protocol):
    """One round of messages."""

    ordered: bool
    """Whether the order of a node's messages counts."""

    def __call__(self, sources: torch.Tensor, block: NeighbourBlock) -> torch.Tensor:
        """Return the next vectors of the targets, which are the first of ``sources``."""

    def state(self) -> dict[str, torch.Tensor]:
        """Return the trained tensors by name."""


class GraphEncoder:
    """Layers over the training graph.

    Args:
        train: Events the graph is built from; nothing else is ever seen.
        config: Settings.
        layers: As many as the config says.
        generator: Draws the first vectors.
        features: Of users or items; those of a side stand in place of its learned vectors.

    Raises:
        DataError: The features are not those of these users and items.
    """

    def __init__(
        self,
        train: Interactions,
        config: GraphConfig,
        layers: Sequence[Layer],
        generator: np.random.Generator,
        features: NodeFeatures | None = None,
    ) -> None:
        self.config = config
        self._layers, self._n_users = layers, train.n_users
        features = features or NodeFeatures()
        features.check(train.n_users, train.n_items)
        self._nodes = Collaborative(train, config, generator)
        given: dict[Side, Float32Array | None] = {
            "users": features.users,
            "items": features.items,
        }
        self._features = {
            side: tensor(rows.astype(np.float32))
            for side, rows in given.items()
            if rows is not None
        }
        self._project = {
            side: xavier_uniform(config.dimension, rows.shape[1], generator)
            for side, rows in self._features.items()
        }
        self._spans: dict[Side, slice] = {
            "users": slice(0, train.n_users),
            "items": slice(train.n_users, train.n_users + train.n_items),
        }
        for side in self._features:
            self._nodes.know(self._spans[side])
        self._graph = Neighbourhood(train, config)

    def fit_step(self, batch: Batch, loss: Loss) -> torch.Tensor:
        """Return the loss of a batch plus l2 on the first vectors it touches."""
        draw = torch.Generator().manual_seed(batch.draw)
        first = self._first()
        if not self.config.fanout and not self._ordered:
            return self._nodes.loss(self._all(first, draw)[-1], batch, loss, first=first)
        items = [batch.positives, batch.negatives.flatten()]
        if batch.own_negatives is not None:
            items.append(batch.own_negatives.items)
        nodes = torch.unique(torch.cat((batch.users, torch.cat(items) + self._n_users)))
        place = torch.full((len(self._graph),), -1)
        place[nodes] = torch.arange(len(nodes))
        final = self._some(first, nodes, draw)
        return self._nodes.loss(final, batch, loss, first=first, place=place)

    def encode(self) -> Embeddings:
        """Return the vectors of the last layer; zeros where there was nothing to learn from."""
        with torch.no_grad():
            return self._nodes.embeddings(self._all(self._first(), _fixed())[-1])

    def embed(
        self,
        side: Side,
        features: Float32Array,
        edges: tuple[Int64Array, Int64Array],
    ) -> Float32Array:
        """Return the vectors of users or items that the model never saw.

        The known nodes stay as they are: the new ones send them no message.

        Args:
            side: What the new nodes are: ``users`` or ``items``.
            features: ``(n, f)``, as those that the model was trained with.
            edges: Positions among the new nodes, and known rows of the other side.

        Returns:
            ``(n, d) float32``; a node without edges is known by its features alone.

        Raises:
            ModelError: The model has no features of that side, or other ones.
        """
        project = self._project.get(side)
        if project is None or features.ndim != 2 or features.shape[1] != project.shape[1]:
            raise ModelError(
                f"this model cannot embed unseen {side} from {features.shape[-1]} features",
                hint=f"train a model with these features of {side}",
            )
        other: Side = "items" if side == "users" else "users"
        with torch.no_grad():
            before = self._all(self._first(), _fixed())
            known = [layer[self._spans[other]] for layer in before]
            new = tensor(features.astype(np.float32)) @ project.T
            target, source = (tensor(one.astype(np.int64)) for one in edges)
            block = block_of(target, source + len(new), len(new), len(new) + len(known[0]))
            degrees = torch.cat((block.lengths, self._graph.degrees[self._spans[other]]))
            block = replace(block, degrees=degrees)
            for layer, neighbours in zip(self._layers, known, strict=False):
                new = layer(torch.cat((new, neighbours)), block)
            found: Float32Array = array(self._nodes.scored(new))
        return found

    def state(self) -> dict[str, torch.Tensor]:
        """Return the learned vectors, and the weights of features and layers."""
        named = {"vectors": self._nodes.first}
        named |= {f"features.{side}": one for side, one in self._project.items()}
        for number, layer in enumerate(self._layers, start=1):
            named |= {f"{number}.{name}": one for name, one in layer.state().items()}
        return named

    @property
    def _ordered(self) -> bool:
        return any(layer.ordered for layer in self._layers)

    def _first(self) -> torch.Tensor:
        """Return h^0 of every node."""
        if not self._features:
            return self._nodes.first
        parts = [
            self._features[side] @ self._project[side].T
            if side in self._features
            else self._nodes.first[span]
            for side, span in self._spans.items()
        ]
        return torch.cat(parts)

    def _all(self, first: torch.Tensor, draw: torch.Generator) -> list[torch.Tensor]:
        """Return h^0 to h^K of every node, each computed once."""
        found = [first]
        for layer in self._layers:
            block, nodes = self._graph.whole, None
            if layer.ordered:
                everyone = torch.arange(len(self._graph))
                block, nodes = self._graph.sampled(everyone, self.config.fanout, draw)
            found.append(layer(found[-1] if nodes is None else found[-1][nodes], block))
        return found

    def _some(
        self, first: torch.Tensor, nodes: torch.Tensor, draw: torch.Generator
    ) -> torch.Tensor:
        """Return h^K of ``nodes``, each layer over sampled neighbours."""
        blocks = []
        for _ in self._layers:
            block, nodes = self._graph.sampled(nodes, self.config.fanout, draw)
            blocks.append(block)
        vectors = first.index_select(0, nodes)
        for layer, block in zip(self._layers, reversed(blocks), strict=True):
            vectors = layer(vectors, block)
        return vectors


def _fixed() -> torch.Generator:
    """Return the draws of finished vectors: always the same."""
    return torch.Generator().manual_seed(0)


def features_where_asked(config: GraphConfig) -> Collection[ExtraData]:
    """Return what has to be pulled beside events."""
    wanted: tuple[ExtraData, ...] = ("features",) if config.inputs == "features" else ()
    return wanted


def of_features(build: Callable[..., Encoder[Batch]]) -> Build:
    """Return how a model is built that learns from events and, where there are any, features."""
    return lambda material, config, generator: build(
        material.events, config, generator, material.features
    )

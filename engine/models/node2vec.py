"""DeepWalk and node2vec: one table of vectors, in which nodes that walks bring together are near.

Maximise log sigmoid(z_u·z_v) + Σ_k log sigmoid(-z_u·z_n), v within the window of u on a walk, n
drawn by degree^0.75. DeepWalk's walks are uniform (Perozzi et al. 2014), node2vec's are biased by
p and q (Grover and Leskovec 2016); the user-item variant draws n among the nodes of v's own kind,
as metapath2vec++ does (Dong et al. 2017).
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from engine.data.model_options import Span, option
from engine.data.training_data import TrainingData
from engine.data.training_graph import graph_from_training_data
from engine.errors import UsageError
from engine.models.collaborative import VectorConfig, first_vectors, rows_of, squared_length
from engine.models.encoder import Embeddings, Loss, PairComparison
from engine.models.registry_entries import ExtraData
from engine.models.tensors import array, tensor


@dataclass(frozen=True)
class DeepWalkConfig(VectorConfig):
    """Settings of DeepWalk."""

    per_node: int = option(2, "walks from every node in an epoch", low=1, high=1_000)
    length: int = option(20, "nodes per walk", low=2, high=1_000, tune=(10, 20, 40))
    window: int = option(
        2, "steps of a walk between two nodes of a pair at most", low=1, high=100, tune=Span(1, 10)
    )
    noise: int = option(
        5, "negatives per pair, drawn by degree^0.75", low=1, high=100, tune=Span(1, 20)
    )
    path: str = option(
        "any",
        "any: walks start everywhere; user-item: at users, and negatives are of the node's kind",
        choices=("any", "user-item"),
    )
    facts: bool = option(False, "walk along facts too, and make vectors of entities")

    def __post_init__(self) -> None:
        """Refuse settings that exclude each other.

        Raises:
            UsageError: The settings contradict each other.
        """
        if self.facts and self.path == "user-item":
            raise UsageError(
                "walks from user to item and back do not go along facts",
                hint="--set facts=false, or --set path=any",
            )

    @property
    def bias(self) -> tuple[float, float]:
        """P and q of the walks."""
        return 1.0, 1.0


@dataclass(frozen=True)
class Node2VecConfig(DeepWalkConfig):
    """Settings of node2vec."""

    p: float = option(
        4.0,
        "high: a walk seldom goes back at once",
        low=0.001,
        high=1_000,
        tune=Span(0.25, 4.0, log=True),
    )
    q: float = option(
        1.0,
        "low: a walk goes away from where it was",
        low=0.001,
        high=1_000,
        tune=Span(0.25, 4.0, log=True),
    )

    @property
    def bias(self) -> tuple[float, float]:
        """P and q of the walks."""
        return self.p, self.q


@dataclass(frozen=True)
class WalkedPairs:
    """Pairs of nodes that stand near each other on a walk, and negative nodes.

    Nodes are numbered through: users, items, entities.

    Attributes:
        nodes: ``(b,) int64``.
        contexts: ``(b,) int64``, within the window of those.
        negatives: ``(b, k) int64``.
    """

    nodes: torch.Tensor
    contexts: torch.Tensor
    negatives: torch.Tensor


class SkipGram:
    """A vector per node that walks are made of.

    Args:
        material: Events, and facts where the config asks for them.
        config: Settings.
        generator: Draws the first vectors.

    Raises:
        DataError: Facts are asked for and there are none.
    """

    def __init__(
        self, material: TrainingData, config: DeepWalkConfig, generator: np.random.Generator
    ) -> None:
        self.config = config
        events = material.events
        graph = graph_from_training_data(material, facts=config.facts)
        self._sizes = events.n_users, events.n_items
        self._known = tensor(graph.degree > 0)[:, None]
        entities = len(graph) - events.n_users - events.n_items
        more = 0.1 * generator.standard_normal((entities, config.dimension))
        self._vectors = torch.cat(
            (
                first_vectors(events, config, generator),
                tensor(more.astype(np.float32)),
            )
        ).requires_grad_()

    def fit_step(self, batch: WalkedPairs, loss: Loss) -> torch.Tensor:
        """Return the loss of a batch plus l2 on the vectors of its pairs."""
        vectors = self._scored()
        own, near = (vectors.index_select(0, one) for one in (batch.nodes, batch.contexts))
        value = loss(PairComparison(own, near, rows_of(vectors, batch.negatives)))
        if self.config.l2:
            touched = torch.cat((batch.nodes, batch.contexts))
            squares = squared_length(self._vectors, touched)
            value = value + self.config.l2 * squares / (2 * len(batch.nodes))
        return value

    def encode(self) -> Embeddings:
        """Return the vectors; zeros for a node that no walk can reach."""
        n_users, n_items = self._sizes
        with torch.no_grad():
            vectors = array(self._scored() * self._known)
        users, items, entities = np.split(vectors, [n_users, n_users + n_items])
        return Embeddings(users.copy(), items.copy(), entities.copy() if len(entities) else None)

    def state(self) -> dict[str, torch.Tensor]:
        """Return the vectors, users, items, entities."""
        return {"vectors": self._vectors}

    def _scored(self) -> torch.Tensor:
        cosine = self.config.scoring == "cosine"
        return F.normalize(self._vectors, dim=1) if cosine else self._vectors


def facts_where_asked(config: DeepWalkConfig) -> Collection[ExtraData]:
    """Return what has to be pulled beside events."""
    wanted: tuple[ExtraData, ...] = ("facts",) if config.facts else ()
    return wanted

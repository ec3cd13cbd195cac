"""PinSage (Ying et al. 2018): items by their features and those of the items visited from them.

Walks with restart find an item's neighbours and how much each counts; K rounds of CONVOLVE and
z = G1 · ReLU(G2 z + g) make its vector. Inputs are features and log(1 + degree). Trained on pairs
of items, with negatives shared by a batch and, from the second epoch on, one more hard negative per
query in every epoch: items from a band of the ranks of the query's visit counts. A user is the
mean of its items' vectors, so a new one needs no training; a new item uses features and edges.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from engine.data.arrays import Float32Array, Float64Array, Int64Array
from engine.data.model_options import Span, option
from engine.data.training_data import TrainingData
from engine.data.walking.visit_counts import VisitPlan
from engine.errors import DataError, ModelError, UsageError
from engine.models import users_from_items
from engine.models.convolve import ConvolveWeights, convolve
from engine.models.encoder import Embeddings, Loss, Side
from engine.models.feature_options import FeatureConfig
from engine.models.initialization import xavier_uniform
from engine.models.registry_entries import ExtraData
from engine.models.tensors import array, tensor
from engine.models.visited_graph import VisitedGraph
from engine.models.visited_neighbours import VisitedNeighbours, WeightedNeighbours


@dataclass(frozen=True)
class PinSageConfig(FeatureConfig):
    """Settings of PinSage."""

    dimension: int = option(64, "length of a vector", low=2, high=1024, tune=(32, 64, 128))
    hidden: int = option(64, "numbers between layers, and in a message", low=2, high=1024)
    layers: int = option(2, "rounds of messages", low=1, high=4, tune=Span(1, 3))
    scoring: str = option("cosine", "how vectors are compared", choices=("cosine", "dot"))
    pooling: str = option(
        "importance",
        "how messages are summed up; none: features alone, no graph",
        choices=("importance", "mean", "max", "none"),
        tune=("importance", "mean", "max"),
    )
    neighbours: int = option(
        10, "visited items that are aggregated", low=1, high=1_000, tune=(5, 10, 20, 50)
    )
    walks: int = option(200, "walks from every item that find them", low=1, high=10_000)
    length: int = option(5, "items per walk", low=1, high=1_000)
    restart: float = option(0.5, "probability of going back to the start", low=0, high=1)
    pairs: str = option(
        "consecutive",
        "what query and positive are: items a user had one after the other, or any two of a user",
        choices=("consecutive", "together"),
        tune=("consecutive", "together"),
    )
    hard_most: int = option(6, "most hard negatives per query", low=0, high=100, tune=(0, 2, 6, 12))
    hard_from: int = option(50, "first rank of their band, by visits", low=0, high=999)
    hard_to: int = option(200, "rank after the last of their band", low=1, high=1_000)
    half_life: float = option(
        0.0, "half-life in days of an item's weight in its user's vector; 0: none", low=0
    )

    def __post_init__(self) -> None:
        """Refuse a band that holds no rank.

        Raises:
            UsageError: The settings contradict each other.
        """
        if self.hard_from >= self.hard_to:
            raise UsageError(
                f"hard_from {self.hard_from} and hard_to {self.hard_to} leave no rank",
                hint="--set hard_from below --set hard_to",
            )


ABLATIONS: dict[str, dict[str, str]] = {
    "features-alone": {"pooling": "none", "hard_most": "0"},
    "max-pooling": {"pooling": "max", "hard_most": "0"},
    "mean-pooling": {"pooling": "mean", "hard_most": "0"},
    "mean-pooling-xent": {
        "pooling": "mean",
        "hard_most": "0",
        "loss": "skip-gram",
        # Their scores are added up; as many as GraphSAGE, whose loss this is, has.
        "negative_count": "20",
    },
    "mean-pooling-hard": {"pooling": "mean"},
    "full": {},
}
"""The paper's variants, by the settings of the model and of training that make them."""


def features_always(_config: PinSageConfig) -> Collection[ExtraData]:
    """Return what has to be pulled beside events."""
    wanted: tuple[ExtraData, ...] = ("features",)
    return wanted


@dataclass(frozen=True)
class ItemPairs:
    """Pairs of items, and negative items.

    Attributes:
        queries: ``(b,) int64``.
        positives: ``(b,) int64``.
        negatives: ``(m,) int64`` shared by the batch.
        ranks: ``(b, h) int64``: the hard negatives of a query, as ranks in its visit counts.
        weights: ``(b,)`` weight of each pair in the loss, or None when all weigh 1.
    """

    queries: torch.Tensor
    positives: torch.Tensor
    negatives: torch.Tensor
    ranks: torch.Tensor
    weights: torch.Tensor | None = None


@dataclass(frozen=True)
class PairScores:
    """The scores of a batch."""

    own: torch.Tensor
    others: torch.Tensor
    weights: torch.Tensor | None


class PinSage:
    """Item vectors by convolution over the items visited on walks.

    Args:
        material: Events the graph is built from, and features of items.
        config: Settings.
        generator: Draws the first weights.

    Raises:
        DataError: Items have no features, or those of other items.
    """

    def __init__(
        self, material: TrainingData, config: PinSageConfig, generator: np.random.Generator
    ) -> None:
        self.config, self._events = config, material.events
        features = material.features.items if material.features else None
        if features is None or material.features is None:
            raise DataError(
                "this model learns from features of items, and there are none",
                hint="load some with: engine ingest --items FILE",
            )
        material.features.check(material.events.n_users, material.events.n_items)
        self._graph = VisitedGraph(material.events, self._visit_plan(config))
        known = (self._graph.degree > 0) | (features != 0).any(axis=1)
        self._known = tensor(known)[:, None]
        self._inputs = self._input(features, self._graph.degree)
        lists = self._graph.counts
        self._ranked = tensor(lists.neighbours).long()
        self._visited = VisitedNeighbours(lists.first(config.neighbours))
        size, wide = self._inputs.shape[1], config.hidden
        self._layers = [
            ConvolveWeights.drawn(size if number == 0 else wide, wide, config.pooling, generator)
            for number in range(config.layers)
        ]
        self._g1, self._g2 = (
            xavier_uniform(config.dimension, wide, generator),
            xavier_uniform(wide, wide, generator),
        )
        self._g = torch.zeros(wide, requires_grad=True)

    def fit_step(self, batch: ItemPairs, loss: Loss) -> torch.Tensor:
        """Return the loss of a batch; of every layer, only the items that it takes are computed."""
        hard = self._ranked[batch.queries[:, None], batch.ranks]
        named = (batch.queries, batch.positives, batch.negatives, hard[hard >= 0])
        nodes = torch.unique(torch.cat(named))
        vectors = self._vectors(nodes)
        place = torch.full((len(self._visited),), 0)
        place[nodes] = torch.arange(len(nodes))
        query, positive, shared = (vectors.index_select(0, place[one]) for one in named[:3])
        of_hard = vectors.index_select(0, place[hard.clamp(min=0)].flatten())
        of_hard = of_hard.reshape(*hard.shape, self.config.dimension)
        wrong = batch.negatives[None, :]
        out = (wrong == batch.positives[:, None]) | (wrong == batch.queries[:, None])
        out_hard = (hard < 0) | (hard == batch.positives[:, None])
        others = (query @ shared.T).masked_fill(out, -torch.inf)
        harder = torch.einsum("bd,bhd->bh", query, of_hard).masked_fill(out_hard, -torch.inf)
        own = (query * positive).sum(dim=1)
        return loss(PairScores(own, torch.cat((others, harder), dim=1), batch.weights))

    def encode(self) -> Embeddings:
        """Return the items' vectors, each computed once a layer, and the users' means of them."""
        with torch.no_grad():
            items = array(self._finished(self._hidden()[-1]) * self._known)
        unit = self.config.scoring == "cosine"
        users = users_from_items.mean_of_items(
            self._events, items, self.config.half_life, unit=unit
        )
        return Embeddings(users, items)

    def embed(
        self, side: Side, features: Float32Array, edges: tuple[Int64Array, Int64Array]
    ) -> Float32Array:
        """Return the vectors of items that the model never saw.

        The known items stay as they are: the new ones send them no message.

        Args:
            side: ``items``; users are folded in by what they had.
            features: ``(n, f)``, as those that the model was trained with.
            edges: Positions among the new items, and rows of users who had them.

        Returns:
            ``(n, d) float32``; an item without edges is known by its features alone.

        Raises:
            ModelError: They are users, or the features others than those of training.
        """
        if side == "users":
            raise ModelError(
                "this model makes no vectors of users from features",
                hint="fold them in by the items they had",
            )
        width = self._inputs.shape[1] - (self.config.pooling != "none")
        if features.ndim != 2 or features.shape[1] != width:
            raise ModelError(
                f"this model cannot embed items from {features.shape[-1]} features",
                hint="give the features that it was trained with",
            )
        degree, counts = self._graph.unseen(len(features), edges)
        fresh = VisitedNeighbours.beside(counts.first(self.config.neighbours), len(self._visited))
        with torch.no_grad():
            new = self._input(features, degree)
            for layer, known in zip(self._layers, self._hidden(), strict=False):
                new = convolve(torch.cat((new, known)), fresh, layer, self.config.pooling)
            found: Float32Array = array(self._finished(new))
        return found

    def fold_in(
        self, items: Sequence[Int64Array], ages_days: Sequence[Float64Array] | None = None
    ) -> Float32Array:
        """Return the vectors of users by what each of them had, trained on or not.

        Args:
            items: Rows of items of each user.
            ages_days: How long ago, alike; None: all are as old.

        Raises:
            UsageError: There is no item of such a row.
        """
        unit = self.config.scoring == "cosine"
        known = self.encode().items
        return users_from_items.fold_in(items, ages_days, known, self.config.half_life, unit=unit)

    def state(self) -> dict[str, torch.Tensor]:
        """Return the weights by the names they have in the paper."""
        named = {"G1": self._g1, "G2": self._g2, "g": self._g}
        for number, layer in enumerate(self._layers, start=1):
            named |= {f"{number}.{name}": one for name, one in layer.state().items()}
        return named

    @staticmethod
    def _visit_plan(config: PinSageConfig) -> VisitPlan | None:
        """Return which walks are needed, or None for none."""
        used = 0 if config.pooling == "none" else config.neighbours
        most = max(used, config.hard_to if config.hard_most else 0)
        if not most:
            return None
        return VisitPlan(most, config.walks, config.length, config.restart)

    def _input(self, features: Float32Array, degree: Int64Array) -> torch.Tensor:
        """Return h^0: features and, with a graph, the logarithm of the degree on a scale to 1."""
        given = tensor(features.astype(np.float32))
        if self.config.pooling == "none":
            return given
        most = np.log1p(self._graph.degree.max(initial=1))
        column = tensor((np.log1p(degree) / most).astype(np.float32))
        return torch.cat((given, column[:, None]), dim=1)

    def _hidden(self) -> list[torch.Tensor]:
        """Return h^0 to h^K of every item, each computed once."""
        edges, _ = self._visited.of(torch.arange(len(self._visited)))
        found = [self._inputs]
        for layer in self._layers:
            found.append(convolve(found[-1], edges, layer, self.config.pooling))
        return found

    def _vectors(self, nodes: torch.Tensor) -> torch.Tensor:
        """Return the finished vectors of some items."""
        steps: list[WeightedNeighbours] = []
        for _ in self._layers:
            edges, nodes = self._visited.of(nodes)
            steps.append(edges)
        vectors = self._inputs.index_select(0, nodes)
        for layer, edges in zip(self._layers, reversed(steps), strict=True):
            vectors = convolve(vectors, edges, layer, self.config.pooling)
        return self._finished(vectors)

    def _finished(self, vectors: torch.Tensor) -> torch.Tensor:
        final = torch.relu(vectors @ self._g2.T + self._g) @ self._g1.T
        return F.normalize(final, dim=1) if self.config.scoring == "cosine" else final

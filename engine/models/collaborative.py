"""What models of users and items share: first vectors, a batch's vectors, finished vectors.

A model says how first vectors become final ones, ``(n_users + n_items, d)``, users first; the rest
is here.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from engine.data.arrays import Int32Array
from engine.data.interactions import Interactions
from engine.data.model_options import Span, option
from engine.models import spectral
from engine.models.confidence import ThresholdConfig
from engine.models.encoder import Batch, Embeddings, Loss, PairComparison
from engine.models.normalised_adjacency import normalised
from engine.models.tensors import array, tensor
from engine.models.vector_tables import WHOLE, RowLookup, VectorTables


@dataclass(frozen=True)
class VectorConfig(ThresholdConfig):
    """Settings of every model that learns a vector per user and item."""

    dimension: int = option(64, "length of a vector", low=2, high=1024, tune=(32, 64, 128))
    scoring: str = option("cosine", "how vectors are compared", choices=("cosine", "dot"))
    start: str = option("spectral", "first vectors", choices=("spectral", "normal"))
    l2: float = option(
        1e-4,
        "weight of the squared length of a batch's vectors",
        low=0,
        high=1,
        tune=Span(1e-6, 1e-2, log=True),
    )


class Collaborative:
    """The first vectors of a model, and what is made of its final ones.

    Attributes:
        first: ``(n_users + n_items, dimension) float32``, users then items; trained. Of several
            processes those that lie here.

    Args:
        train: Events the model learns from.
        config: Settings.
        generator: Draws the first vectors.
        tables: Where their rows lie.
    """

    def __init__(
        self,
        train: Interactions,
        config: VectorConfig,
        generator: np.random.Generator,
        tables: VectorTables = WHOLE,
    ) -> None:
        self._config, self._n_users, self._tables = config, train.n_users, tables
        self._known = torch.cat(
            (has_events(train.user, train.n_users), has_events(train.item, train.n_items))
        )
        self.first = tables.trained(
            "nodes", config.dimension, lambda: first_vectors(train, config, generator)
        )

    def loss(
        self,
        final: torch.Tensor,
        batch: Batch,
        loss: Loss,
        *,
        first: torch.Tensor | None = None,
        place: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Return the loss of a batch plus l2 on the first vectors it touches.

        Args:
            final: Final vectors of all nodes, or of those that ``place`` names.
            batch: Rows of users and items.
            loss: Of the batch's vectors.
            first: First vectors of all nodes where they are not the learned ones.
            place: ``(n_users + n_items,) int64``, the row in ``final`` of every node of the batch.
        """
        users = batch.users
        positives, negatives = batch.positives + self._n_users, batch.negatives + self._n_users
        touched = torch.cat((users, positives))
        unwanted = None
        if batch.own_negatives is not None:
            unwanted = batch.own_negatives.items + self._n_users
            unwanted = unwanted if place is None else place[unwanted]
        if place is not None:
            users, positives, negatives = place[users], place[positives], place[negatives]
        users, owner = torch.unique_consecutive(users, return_inverse=True)
        finals = self._tables.by_row(final, "nodes")
        of_users = self.scored(finals.index_select(0, users))
        of_items = self.scored(finals.index_select(0, positives))
        of_others = self.scored(rows_of(finals, negatives))
        own = None if unwanted is None else self.scored(finals.index_select(0, unwanted))
        value = loss(compared(of_users, of_items, of_others, batch, owner, own))
        if self._config.l2:
            firsts = self._tables.by_row(self.first if first is None else first, "nodes")
            squares = squared_length(firsts, touched)
            value = value + self._config.l2 * squares / (2 * len(batch.users))
        return value

    def know(self, nodes: slice) -> None:
        """Count nodes as known although they may have no event: they have features."""
        self._known[nodes] = True

    def embeddings(self, final: torch.Tensor) -> Embeddings:
        """Return the finished vectors; zeros where there was no event to learn from."""
        with torch.no_grad():
            vectors = array(self.scored(final) * self._known)
        return Embeddings(vectors[: self._n_users].copy(), vectors[self._n_users :].copy())

    def scored(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return vectors whose inner products are the scores."""
        return F.normalize(vectors, dim=-1) if self._config.scoring == "cosine" else vectors


def first_vectors(
    train: Interactions, config: VectorConfig, generator: np.random.Generator
) -> torch.Tensor:
    """Return ``(n_users + n_items, dimension) float32``, by the config's ``start``."""
    if config.start == "spectral":
        vectors = np.concatenate(spectral.start(normalised(train), config.dimension, generator))
    else:
        shape = (train.n_users + train.n_items, config.dimension)
        vectors = (0.1 * generator.standard_normal(shape)).astype(np.float32)
    return tensor(vectors)


def first_item_vectors(
    train: Interactions, config: VectorConfig, generator: np.random.Generator
) -> torch.Tensor:
    """Return the items' part of ``first_vectors``, ``(n_items, dimension) float32``."""
    return first_vectors(train, config, generator)[train.n_users :].clone()


def compared(
    users: torch.Tensor,
    positives: torch.Tensor,
    negatives: torch.Tensor,
    batch: Batch,
    owner: torch.Tensor | None = None,
    unwanted: torch.Tensor | None = None,
) -> PairComparison:
    """Return the vectors of a batch, shared negatives marked where they are the user's own."""
    same = None
    if batch.negatives.dim() == 1:
        row, column = equal_cells(batch.positives, batch.negatives)
        same = (row if owner is None else owner[row], column)
    beside = batch.weights, owner, unwanted, batch.own_negatives
    return PairComparison(users, positives, negatives, same, *beside)


def equal_cells(rows: torch.Tensor, columns: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the rows (ascending) and columns where ``rows[:, None] == columns[None, :]``."""
    order = torch.argsort(columns, stable=True)
    ordered = columns[order]
    first = torch.searchsorted(ordered, rows)
    counts = torch.searchsorted(ordered, rows, right=True) - first
    row = torch.repeat_interleave(torch.arange(len(rows)), counts)
    within = torch.arange(len(row)) - (torch.cumsum(counts, 0) - counts)[row]
    return row, order[first[row] + within]


def squared_length(vectors: RowLookup, rows: torch.Tensor) -> torch.Tensor:
    """Return the squared length of some rows together, a row counting as often as it is named."""
    squares: torch.Tensor = vectors.index_select(0, rows).square().sum()
    return squares


def rows_of(vectors: RowLookup, rows: torch.Tensor) -> torch.Tensor:
    """Return ``vectors[rows]``; index_select has the faster gradient."""
    found = vectors.index_select(0, rows.flatten())
    return found.reshape(*rows.shape, found.shape[1])


def has_events(rows: Int32Array, count: int) -> torch.Tensor:
    """Return ``(count, 1)``, true where a row is named."""
    return tensor(np.bincount(rows, minlength=count) > 0)[:, None]

"""Encoder: what the trainer knows of a model. Arrays and tensors in, arrays out; no ids."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from scipy import sparse

from engine.data.arrays import Float32Array, Int64Array
from engine.models.edge_sums import EdgeSums

if TYPE_CHECKING:
    import torch

Side = Literal["users", "items"]
BatchT_contra = TypeVar("BatchT_contra", contravariant=True)


class Scored(Protocol):
    """The scores of a batch: of its positives and of its negatives."""

    @property
    def own(self) -> "torch.Tensor":
        """``(b,)`` scores of the positives."""

    @property
    def others(self) -> "torch.Tensor":
        """``(b, n)`` scores of the negatives; -inf where one is left out."""

    @property
    def weights(self) -> "torch.Tensor | None":
        """``(b,)`` weight of each row in the loss, or None when all weigh 1."""


Loss = Callable[[Scored], "torch.Tensor"]


@dataclass(frozen=True)
class OwnNegatives:
    """Negatives of some pairs of a batch alone: what their users do not want.

    Attributes:
        pairs: ``(k,) int64``, ascending: the pairs of the batch.
        items: ``(k,) int64`` rows of items, one for each.
        weights: ``(k,)`` of each against the pair's own loss.
    """

    pairs: "torch.Tensor"
    items: "torch.Tensor"
    weights: "torch.Tensor"


@dataclass(frozen=True)
class Batch:
    """Observed (user, item) pairs and negative items.

    Attributes:
        users: ``(b,) int64`` rows.
        positives: ``(b,) int64`` rows of the items of those pairs.
        negatives: ``(m,) int64`` rows shared by the batch, or ``(b, n)`` rows per pair.
        weights: ``(b,)`` weight of each pair in the loss, or None when all weigh 1.
        draw: Seed of whatever the model draws for this batch: dropout, sampled neighbours.
        own_negatives: What users of some pairs do not want, or None.
    """

    users: "torch.Tensor"
    positives: "torch.Tensor"
    negatives: "torch.Tensor"
    weights: "torch.Tensor | None" = None
    draw: int = 0
    own_negatives: OwnNegatives | None = None


@dataclass(frozen=True)
class PairComparison:
    """The vectors of a batch, as the model scores them: a score is an inner product.

    A user with several pairs may stand in ``users`` once: what it has to do with the shared
    negatives is then computed once.

    Attributes:
        users: ``(u, d)``; a row per pair where there is no ``owner``.
        positives: ``(b, d)``.
        negatives: ``(m, d)`` shared, or ``(b, n, d)`` per pair.
        same: Rows of ``users`` (ascending) and columns of the cells where a shared negative is an
            item of the user's own pairs, or None.
        weights: ``(b,)`` of the pairs, or None.
        owner: ``(b,) int64``, ascending: the row in ``users`` of each pair; None: its own.
        unwanted: ``(k, d)``, the vectors of ``own_negatives``, or None.
        own_negatives: What users of some pairs do not want, or None.
    """

    users: "torch.Tensor"
    positives: "torch.Tensor"
    negatives: "torch.Tensor"
    same: "tuple[torch.Tensor, torch.Tensor] | None" = None
    weights: "torch.Tensor | None" = None
    owner: "torch.Tensor | None" = None
    unwanted: "torch.Tensor | None" = None
    own_negatives: OwnNegatives | None = None

    def against_unwanted(self) -> "PairComparison | None":
        """Return the pairs that have a negative of their own beside it; None: there is none."""
        if self.own_negatives is None or self.unwanted is None:
            return None
        pairs, weights = self.own_negatives.pairs, self.own_negatives.weights
        if self.weights is not None:
            weights = weights * self.weights.index_select(0, pairs)
        owner = pairs if self.owner is None else self.owner.index_select(0, pairs)
        users, positives = self.users.index_select(0, owner), self.positives.index_select(0, pairs)
        return PairComparison(users, positives, self.unwanted[:, None], weights=weights)

    @property
    def own(self) -> "torch.Tensor":
        """``(b,)`` scores of the pairs."""
        return (self._per_pair(self.users) * self.positives).sum(dim=1)

    @property
    def others(self) -> "torch.Tensor":
        """``(b, m)`` or ``(b, n)`` scores of the negatives, -inf for the user's own items."""
        import torch  # noqa: PLC0415 publishing needs the finished vectors below, and no PyTorch

        if self.negatives.dim() == 3:
            return torch.einsum("bd,bnd->bn", self._per_pair(self.users), self.negatives)
        scores = self.users @ self.negatives.T
        if self.same is not None:
            scores = scores.index_put(self.same, scores.new_full((), -torch.inf))
        return self._per_pair(scores)

    def _per_pair(self, rows: "torch.Tensor") -> "torch.Tensor":
        return rows if self.owner is None else rows.index_select(0, self.owner)


@dataclass(frozen=True)
class Embeddings:
    """Finished vectors, a row per node; rows of zeros where nothing is known.

    Attributes:
        users: ``(n_users, d) float32``; of a filter d is 0.
        items: ``(n_items, d) float32``.
        entities: ``(n_entities, d) float32`` of a model that learns from facts, else None.
        edges: ``(n_items, n_items) float32`` of a filter: what having an item says of the others.
        profiles: ``(n_users, n_items) float32`` of a filter: what users have.
        list_edges: Of a filter, the edges that a list adds up.
    """

    users: Float32Array
    items: Float32Array
    entities: Float32Array | None = None
    edges: sparse.csr_array | None = None
    profiles: sparse.csr_array | None = None
    list_edges: int = sys.maxsize

    def score(self, rows: Int64Array) -> Float32Array:
        """Return the inner products of some users with every item; a filter's sums over edges."""
        if self._sums is not None and self.profiles is not None:
            return self._sums(self.profiles[rows])
        scores: Float32Array = self.users[rows] @ self.items.T
        return scores

    @cached_property
    def _sums(self) -> EdgeSums | None:
        return None if self.edges is None else EdgeSums(self.edges, self.list_edges)


class Encoder(Protocol[BatchT_contra]):
    """A trainable model of users and items; the kind of batch it learns from is its own."""

    @property
    def config(self) -> Any:
        """The frozen config dataclass; it has ``scoring``: ``cosine`` or ``dot``."""

    def fit_step(self, batch: BatchT_contra, loss: Loss) -> "torch.Tensor":
        """Return the loss of a batch, ready for ``backward()``."""

    def encode(self) -> Embeddings:
        """Return the vectors of every user and item; unit length when scored by cosine."""

    def state(self) -> "dict[str, torch.Tensor]":
        """Return the live tensors that make up the model; those with gradients are trained."""

"""Encoder: what the trainer knows of a model. Arrays and tensors in, arrays out; no ids.

May import: ``engine.data``, torch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch

Loss = Callable[["Compared"], torch.Tensor]


@dataclass(frozen=True)
class Batch:
    """Pairs that happened, and items to tell them from.

    Attributes:
        users: ``(b,) int64`` rows.
        positives: ``(b,) int64`` rows of the items of those pairs.
        negatives: ``(m,) int64`` rows shared by the batch, or ``(b, n)`` rows per pair.
        weights: ``(b,)`` weight of each pair in the loss, or None when all weigh 1.
        draw: Seed of whatever the model draws for this batch: dropout, sampled neighbours.
    """

    users: torch.Tensor
    positives: torch.Tensor
    negatives: torch.Tensor
    weights: torch.Tensor | None = None
    draw: int = 0


@dataclass(frozen=True)
class Compared:
    """The vectors of a batch, as the model scores them: a score is an inner product.

    Attributes:
        users: ``(b, d)``.
        positives: ``(b, d)``.
        negatives: ``(m, d)`` shared, or ``(b, n, d)`` per pair.
        same: ``(b, m)`` true where a shared negative is the pair's own item, or None.
        weights: ``(b,)`` of the pairs, or None.
    """

    users: torch.Tensor
    positives: torch.Tensor
    negatives: torch.Tensor
    same: torch.Tensor | None = None
    weights: torch.Tensor | None = None


@dataclass(frozen=True)
class Embeddings:
    """Finished vectors: ``(n_users, d) float32`` and ``(n_items, d) float32``."""

    users: npt.NDArray[np.float32]
    items: npt.NDArray[np.float32]

    def score(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Return the inner products of some users with every item."""
        product: npt.NDArray[np.float32] = self.users[rows] @ self.items.T
        return product


class Encoder(Protocol):
    """A trainable model of users and items."""

    @property
    def config(self) -> Any:
        """The frozen config dataclass; it has ``scoring``: ``cosine`` or ``dot``."""

    def fit_step(self, batch: Batch, loss: Loss) -> torch.Tensor:
        """Return the loss of a batch, ready for ``backward()``."""

    def encode(self) -> Embeddings:
        """Return the vectors of every user and item; unit length when scored by cosine."""

    def state(self) -> dict[str, torch.Tensor]:
        """Return the live tensors that make up the model; those with gradients are trained."""

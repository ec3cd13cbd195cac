"""LightGCN (He et al. 2020): neighbourhood means without weights or non-linearity.

e_u^(k+1) = Σ_{i in N_u} e_i^(k) / sqrt(|N_u| |N_i|), the same for items; the result is the mean
of all layers, e = Σ_k e^(k) / (K + 1). Only the first layer is trained. May import: ``encoder``,
``options``, ``propagation``, ``spectral``, ``engine.data``.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from engine.data.interactions import Interactions
from engine.models import spectral
from engine.models.encoder import Batch, Compared, Embeddings, Loss
from engine.models.options import option
from engine.models.propagation import Adjacency, normalised, propagate


@dataclass(frozen=True)
class LightGCNConfig:
    """Settings of LightGCN."""

    dimension: int = option(64, "length of a vector", low=2, high=1024)
    layers: int = option(3, "hops of propagation", low=0, high=10)
    scoring: str = option("cosine", "how vectors are compared", choices=("cosine", "dot"))
    start: str = option("spectral", "first vectors", choices=("spectral", "normal"))
    l2: float = option(1e-4, "weight of the squared length of a batch's vectors", low=0, high=1)


class LightGCN:
    """Vectors smoothed over the training graph.

    Args:
        train: Events the graph is built from; nothing else is ever seen.
        config: Settings.
        generator: Draws the first vectors.
    """

    def __init__(
        self, train: Interactions, config: LightGCNConfig, generator: np.random.Generator
    ) -> None:
        self.config = config
        self._n_users = train.n_users
        self._adjacency = Adjacency(train)
        self._known = torch.cat(
            (_has_events(train.user, train.n_users), _has_events(train.item, train.n_items))
        )
        self._alphas = (1.0 / (config.layers + 1),) * (config.layers + 1)
        if config.start == "spectral":
            first = spectral.start(normalised(train), config.dimension, generator)
            vectors = np.concatenate(first)
        else:
            shape = (train.n_users + train.n_items, config.dimension)
            vectors = (0.1 * generator.standard_normal(shape)).astype(np.float32)
        self._vectors = torch.from_numpy(vectors).requires_grad_()

    def fit_step(self, batch: Batch, loss: Loss) -> torch.Tensor:
        """Return the loss of a batch plus l2 on the first-layer vectors it touches."""
        final = self._final(self._vectors)
        positives, negatives = batch.positives + self._n_users, batch.negatives + self._n_users
        shared = batch.negatives.dim() == 1
        compared = Compared(
            users=self._scored(final.index_select(0, batch.users)),
            positives=self._scored(final.index_select(0, positives)),
            negatives=self._scored(_rows(final, negatives)),
            same=batch.negatives[None, :] == batch.positives[:, None] if shared else None,
            weights=batch.weights,
        )
        value = loss(compared)
        if self.config.l2:
            touched = torch.cat((batch.users, positives))
            squares = self._vectors.index_select(0, touched).square().sum()
            value = value + self.config.l2 * squares / (2 * len(batch.users))
        return value

    def encode(self) -> Embeddings:
        """Return the propagated vectors; zeros where there was no event to learn from."""
        with torch.no_grad():
            final = self._scored(self._final(self._vectors)).mul_(self._known).numpy()
        return Embeddings(final[: self._n_users].copy(), final[self._n_users :].copy())

    def state(self) -> dict[str, torch.Tensor]:
        """Return the first-layer vectors, users then items."""
        return {"vectors": self._vectors}

    def _final(self, vectors: torch.Tensor) -> torch.Tensor:
        return propagate(vectors, self._adjacency, self._alphas)

    def _scored(self, vectors: torch.Tensor) -> torch.Tensor:
        return F.normalize(vectors, dim=-1) if self.config.scoring == "cosine" else vectors


def _rows(vectors: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """Return ``vectors[rows]``; index_select has the faster gradient."""
    return vectors.index_select(0, rows.flatten()).reshape(*rows.shape, vectors.shape[1])


def _has_events(rows: npt.NDArray[np.int32], count: int) -> torch.Tensor:
    return torch.from_numpy(np.bincount(rows, minlength=count) > 0)[:, None]

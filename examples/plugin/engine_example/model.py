"""A model that factorises by a truncated SVD, and a loss."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_array
from scipy.sparse.linalg import svds

from engine.extension import Embeddings, Interactions, Loss, PlainMethod, Scored, option


@dataclass(frozen=True)
class PureSvdConfig:
    """Settings, as ``engine train --set`` takes them and ``engine tune`` searches them."""

    factors: int = option(16, "numbers of a vector", low=1, high=512, tune=(8, 16, 32, 64))


class PureSvd:
    """R = U S V'; users are U S, items V (Cremonesi et al. 2010)."""

    def __init__(self, train: Interactions, config: PureSvdConfig) -> None:
        shape = (train.n_users, train.n_items)
        ones = np.ones(len(train), dtype=np.float64)
        # Two places of one pair add up: what was had often counts more.
        table = csr_array((ones, (train.user, train.item)), shape=shape)
        most = min(config.factors, min(shape) - 1)
        left, strength, right = svds(table, k=most, rng=np.random.default_rng(0))
        self._vectors = Embeddings(
            (left * strength).astype(np.float32), np.ascontiguousarray(right.T, dtype=np.float32)
        )

    def embeddings(self) -> Embeddings:
        """Return what goes under the vector index."""
        return self._vectors

    def score(self, rows: np.ndarray) -> np.ndarray:
        """Return the score of every item for some users, ``(len(rows), n_items) float32``."""
        return self._vectors.score(rows)


PURE_SVD = PlainMethod(
    config=PureSvdConfig,
    build=lambda train, config, _generator: PureSvd(train, config),
    summary="Singular vectors of the table of users and items",
    kind="shallow",
    paper="Cremonesi et al. 2010",
    vectors=True,
)


def hinge(temperature: float) -> Loss:
    """Return max(0, 1 - (own - others) / temperature), averaged over pairs and negatives."""

    def loss(batch: Scored) -> torch.Tensor:
        gaps = torch.relu(1 - (batch.own[:, None] - batch.others) / temperature).mean(dim=1)
        return gaps.mean() if batch.weights is None else (gaps * batch.weights).mean()

    return loss

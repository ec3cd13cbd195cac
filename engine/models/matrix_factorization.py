"""Matrix factorization: a vector per user and item, score z_u·z_i, no propagation.

With the BPR loss, which is this model's default, it is BPR-MF (Rendle et al. 2009).
"""

from dataclasses import dataclass

import numpy as np
import torch

from engine.data.interactions import Interactions
from engine.models.collaborative import Collaborative, VectorConfig
from engine.models.encoder import Batch, Embeddings, Loss
from engine.models.vector_tables import WHOLE, VectorTables


@dataclass(frozen=True)
class MatrixFactorizationConfig(VectorConfig):
    """Settings of matrix factorization."""


class MatrixFactorization:
    """Vectors that know of each other through the loss alone.

    Args:
        train: Events the model learns from.
        config: Settings.
        generator: Draws the first vectors.
        tables: Where their rows lie.
    """

    def __init__(
        self,
        train: Interactions,
        config: MatrixFactorizationConfig,
        generator: np.random.Generator,
        tables: VectorTables = WHOLE,
    ) -> None:
        self.config = config
        self._nodes = Collaborative(train, config, generator, tables)

    def fit_step(self, batch: Batch, loss: Loss) -> torch.Tensor:
        """Return the loss of a batch plus l2 on its vectors."""
        return self._nodes.loss(self._nodes.first, batch, loss)

    def encode(self) -> Embeddings:
        """Return the vectors; zeros where there was no event to learn from."""
        return self._nodes.embeddings(self._nodes.first)

    def state(self) -> dict[str, torch.Tensor]:
        """Return the vectors, users then items."""
        return {"vectors": self._nodes.first}

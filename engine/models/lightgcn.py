"""LightGCN (He et al. 2020): neighbourhood means without weights or non-linearity.

e_u^(k+1) = Σ_{i in N_u} e_i^(k) / sqrt(|N_u| |N_i|), the same for items; the result is the mean
of all layers, e = Σ_k e^(k) / (K + 1). Only the first layer is trained. With a ``confidence`` that
counts weights, c_ui / sqrt(d_u d_i) stands in the place of 1 / sqrt(|N_u| |N_i|), d the sums of c.
"""

from dataclasses import dataclass

import numpy as np
import torch

from engine.data.interactions import Interactions
from engine.data.model_options import Span, option
from engine.models.collaborative import Collaborative, VectorConfig
from engine.models.confidence import ConfidenceConfig
from engine.models.encoder import Batch, Embeddings, Loss
from engine.models.propagation import Adjacency, propagate


@dataclass(frozen=True)
class LightGCNConfig(ConfidenceConfig, VectorConfig):
    """Settings of LightGCN."""

    layers: int = option(3, "hops of propagation", low=0, high=10, tune=Span(1, 4))


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
        self._nodes = Collaborative(train, config, generator)
        self._adjacency = Adjacency(train, confidence=config)
        self._alphas = (1.0 / (config.layers + 1),) * (config.layers + 1)

    def fit_step(self, batch: Batch, loss: Loss) -> torch.Tensor:
        """Return the loss of a batch plus l2 on the first-layer vectors it touches."""
        return self._nodes.loss(self._final(), batch, loss)

    def encode(self) -> Embeddings:
        """Return the propagated vectors; zeros where there was no event to learn from."""
        with torch.no_grad():
            return self._nodes.embeddings(self._final())

    def state(self) -> dict[str, torch.Tensor]:
        """Return the first-layer vectors, users then items."""
        return {"vectors": self._nodes.first}

    def _final(self) -> torch.Tensor:
        return propagate(self._nodes.first, self._adjacency, self._alphas)

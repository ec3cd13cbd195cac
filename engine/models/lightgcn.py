"""LightGCN (He et al. 2020): neighbourhood means without weights or non-linearity.

e_u^(k+1) = Σ_{i in N_u} e_i^(k) / sqrt(|N_u| |N_i|), the same for items; the result is
e = Σ_k a_k e^(k). The a_k, none negative, are a setting (section 3.1.2 of the paper): ``uniform``,
1 / (K + 1), as the paper has them; K + 1 numbers; or ``learned`` with the first layer, then the
softmax of K + 1 numbers that begin at 0. Nothing else is trained. With a ``confidence`` that counts
weights, c_ui / sqrt(d_u d_i) stands in the place of 1 / sqrt(|N_u| |N_i|), d the sums of c.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch

from engine.data.interactions import Interactions
from engine.data.model_options import Span, option
from engine.errors import UsageError
from engine.models.collaborative import Collaborative, VectorConfig
from engine.models.confidence import ConfidenceConfig
from engine.models.encoder import Batch, Embeddings, Loss
from engine.models.propagation import propagate
from engine.models.vector_tables import WHOLE, VectorTables

UNIFORM, LEARNED = "uniform", "learned"


@dataclass(frozen=True)
class LightGCNConfig(ConfidenceConfig, VectorConfig):
    """Settings of LightGCN."""

    layers: int = option(3, "hops of propagation", low=0, high=10, tune=Span(1, 4))
    alphas: str = option(
        "uniform",
        "weights of the layers, from the first vectors on: uniform, learned, or layers + 1 "
        "numbers with commas between them",
    )


class LightGCN:
    """Vectors smoothed over the training graph.

    Args:
        train: Events the graph is built from; nothing else is ever seen.
        config: Settings.
        generator: Draws the first vectors.
        tables: Where their rows lie.

    Raises:
        UsageError: The weights of the layers are no such numbers.
    """

    def __init__(
        self,
        train: Interactions,
        config: LightGCNConfig,
        generator: np.random.Generator,
        tables: VectorTables = WHOLE,
    ) -> None:
        self.config = config
        self._nodes = Collaborative(train, config, generator, tables)
        self._adjacency = tables.adjacency(train, config)
        self._alphas = layer_weights(config.alphas, config.layers)
        self._logits: torch.Tensor | None = None
        if config.alphas == LEARNED:
            self._logits = torch.zeros(config.layers + 1, requires_grad=True)

    def fit_step(self, batch: Batch, loss: Loss) -> torch.Tensor:
        """Return the loss of a batch plus l2 on the first-layer vectors it touches."""
        return self._nodes.loss(self._final(), batch, loss)

    def encode(self) -> Embeddings:
        """Return the propagated vectors; zeros where there was no event to learn from."""
        with torch.no_grad():
            return self._nodes.embeddings(self._final())

    def state(self) -> dict[str, torch.Tensor]:
        """Return the first-layer vectors, users then items, and what is learned of the weights."""
        named = {"vectors": self._nodes.first}
        return named if self._logits is None else named | {"alphas": self._logits}

    def _final(self) -> torch.Tensor:
        if self._logits is None:
            return propagate(self._nodes.first, self._adjacency, self._alphas)
        return propagate(self._nodes.first, self._adjacency, self._logits.softmax(dim=0))


def layer_weights(alphas: str, layers: int) -> tuple[float, ...]:
    """Return the weights of the first vectors and of every layer, ``layers + 1`` of them.

    Args:
        alphas: ``uniform``, ``learned``, which begins there, or numbers with commas between them.
        layers: Hops of propagation.

    Raises:
        UsageError: They are not as many numbers, one is negative or none is above 0.
    """
    count = layers + 1
    if alphas in (UNIFORM, LEARNED):
        return (1.0 / count,) * count
    try:
        weights = tuple(float(text) for text in alphas.split(","))
    except ValueError:
        weights = ()
    if len(weights) != count or not all(0 <= one < math.inf for one in weights) or not any(weights):
        raise UsageError(
            f"alphas must be {UNIFORM}, {LEARNED} or {count} numbers that are not negative, one of "
            f"them above 0, for {layers} layers and the first vectors, not {alphas}",
            hint=f"--set alphas={','.join(f'{1 / count:.3g}' for _ in range(count))}",
        )
    return weights

"""NGCF (Wang et al. 2019): messages that also hold how much user and item agree.

m_{u<-i} = p_ui (W1 e_i + W2 (e_i ⊙ e_u)), p_ui = 1 / sqrt(|N_u| |N_i|), m_{u<-u} = W1 e_u, and
e_u^(k+1) = LeakyReLU(m_{u<-u} + Σ_{i in N_u} m_{u<-i}), the same for items; the layers are
concatenated. Message dropout drops cells of the summed messages; node dropout drops all that a
node sends to its neighbours in a layer. Neither is used to encode. The ablations are those of He
et al. 2020 (LightGCN, section 2.2): f has no W1 and W2, n no LeakyReLU, fn neither; there the
layers are added up (``combine=sum``). With a ``confidence`` that counts weights
p_ui = c / √(d_u d_i), d the sums of c.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from engine.data.interactions import Interactions
from engine.data.model_options import Span, option
from engine.models.collaborative import Collaborative, VectorConfig
from engine.models.confidence import ConfidenceConfig
from engine.models.encoder import Batch, Embeddings, Loss
from engine.models.initialization import dropout_mask, xavier_uniform
from engine.models.propagation import Adjacency, multiply

SLOPE = 0.2
Weights = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class NGCFConfig(ConfidenceConfig, VectorConfig):
    """Settings of NGCF."""

    layers: int = option(3, "hops of propagation", low=0, high=10, tune=Span(1, 4))
    ablation: str = option(
        "none", "what is left out: weights (f), non-linearity (n)", choices=("none", "f", "n", "fn")
    )
    combine: str = option("concat", "how layers are put together", choices=("concat", "sum"))
    unit_layers: bool = option(False, "bring each layer but the first to unit length")
    message_dropout: float = option(
        0.1, "share of message cells dropped", low=0, high=0.99, tune=Span(0.0, 0.5)
    )
    node_dropout: float = option(0.0, "share of nodes that send nothing", low=0, high=0.99)


class NGCF:
    """Vectors passed over the training graph with weights and agreement.

    Args:
        train: Events the graph is built from; nothing else is ever seen.
        config: Settings.
        generator: Draws the first vectors and weights.
    """

    def __init__(
        self, train: Interactions, config: NGCFConfig, generator: np.random.Generator
    ) -> None:
        self.config = config
        self._nodes = Collaborative(train, config, generator)
        self._adjacency = Adjacency(train, confidence=config)
        size = config.dimension
        weighted = config.layers if config.ablation in ("none", "n") else 0
        self._weights = [
            (xavier_uniform(size, size, generator), xavier_uniform(size, size, generator))
            for _ in range(weighted)
        ]

    def fit_step(self, batch: Batch, loss: Loss) -> torch.Tensor:
        """Return the loss of a batch plus l2 on its first vectors and on the weights."""
        draw = torch.Generator().manual_seed(batch.draw)
        value = self._nodes.loss(self._final(draw), batch, loss)
        for pair in self._weights:
            value = value + self.config.l2 / 2 * (pair[0].square().sum() + pair[1].square().sum())
        return value

    def encode(self) -> Embeddings:
        """Return the combined layers; zeros where there was no event to learn from."""
        with torch.no_grad():
            return self._nodes.embeddings(self._final(None))

    def state(self) -> dict[str, torch.Tensor]:
        """Return the first vectors and W1, W2 of each layer."""
        named = {"vectors": self._nodes.first}
        for layer, (own, shared) in enumerate(self._weights, start=1):
            named |= {f"w1.{layer}": own, f"w2.{layer}": shared}
        return named

    def _final(self, draw: torch.Generator | None) -> torch.Tensor:
        return combined(
            passed(self._nodes.first, self._adjacency, self._weights, self.config, draw),
            self.config,
        )


def passed(
    first: torch.Tensor,
    adjacency: Adjacency,
    weights: list[Weights],
    config: NGCFConfig,
    draw: torch.Generator | None,
) -> list[torch.Tensor]:
    """Return the vectors of every layer, ``layers + 1`` of the shape of ``first``.

    Args:
        first: ``(n, d)``, users then items.
        adjacency: Of the training graph.
        weights: W1 and W2 of each layer, ``(d, d)``; empty in the ablations without.
        config: Which ablation, and the shares of dropout.
        draw: Draws what is dropped; None: nothing is.
    """
    layers = [first]
    for layer in range(config.layers):
        vectors = layers[-1]
        kept = dropout_mask((len(first), 1), config.node_dropout, draw, first)
        around = multiply(adjacency, vectors if kept is None else vectors * kept)
        # p_ui and e_u are the same for all cells of a sum, so each message needs no row of its own.
        own, agreed = vectors + around, around * vectors
        if weights:
            own, agreed = own @ weights[layer][0].T, agreed @ weights[layer][1].T
        summed = own + agreed
        cells = dropout_mask(tuple(summed.shape), config.message_dropout, draw, first)
        if cells is not None:
            summed = summed * cells
        linear = config.ablation in ("n", "fn")
        layers.append(summed if linear else F.leaky_relu(summed, SLOPE))
    return layers


def combined(layers: list[torch.Tensor], config: NGCFConfig) -> torch.Tensor:
    """Return one vector per node of all its layers: ``(n, (layers + 1) * d)``, or ``(n, d)``."""
    if config.unit_layers:
        layers = [layers[0], *(F.normalize(vectors, dim=1) for vectors in layers[1:])]
    if config.combine == "concat":
        return torch.cat(layers, dim=1)
    return torch.stack(layers).sum(dim=0)

"""GCN (Kipf and Welling 2017), with a weight of its own for the node itself.

h_v' = f(W · mean_{u in N(v)} h_u + B · h_v); f is ReLU, and nothing after the last layer, whose
vectors are compared. With a ``confidence`` that counts weights the mean is Σ c h_u / Σ c.
"""

from dataclasses import dataclass

import numpy as np
import torch

from engine.data.features import NodeFeatures
from engine.data.interactions import Interactions
from engine.models.aggregators import Mean
from engine.models.confidence import ConfidenceConfig
from engine.models.graph_encoder import GraphConfig, GraphEncoder
from engine.models.initialization import xavier_uniform
from engine.models.neighbourhood import NeighbourBlock


@dataclass(frozen=True)
class GCNConfig(ConfidenceConfig, GraphConfig):
    """Settings of GCN."""


class GCNLayer:
    """One layer.

    Args:
        size: d.
        last: Whether f is left out.
        generator: Draws the first weights.
    """

    ordered = False

    def __init__(self, size: int, *, last: bool, generator: np.random.Generator) -> None:
        self.around = xavier_uniform(size, size, generator)
        self.own = xavier_uniform(size, size, generator)
        self._last, self._mean = last, Mean()

    def __call__(self, sources: torch.Tensor, block: NeighbourBlock) -> torch.Tensor:
        """Return the next vectors of the targets."""
        own = sources[: block.n_targets] @ self.own.T
        result = self._mean(sources, block) @ self.around.T + own
        return result if self._last else torch.relu(result)

    def state(self) -> dict[str, torch.Tensor]:
        """Return W and B."""
        return {"w": self.around, "b": self.own}


def gcn(
    train: Interactions,
    config: GCNConfig,
    generator: np.random.Generator,
    features: NodeFeatures | None = None,
) -> GraphEncoder:
    """Build a GCN over the user-item graph."""
    layers = [
        GCNLayer(config.dimension, last=number == config.layers, generator=generator)
        for number in range(1, config.layers + 1)
    ]
    return GraphEncoder(train, config, layers, generator, features)

"""GCN: what a node's neighbours have, averaged and weighed, layer by layer.

``normalisation=mean``, the default, is the mean aggregation with a weight of its own for the node
itself, h_v' = f(W · mean_{u in N(v)} h_u + B · h_v), and not Kipf and Welling's (2017), which is
``normalisation=symmetric``: h_v' = f(W · Σ_{u in N(v) and v} h_u / sqrt(d_u d_v)), d the degrees
with the loop of the node itself, d_v = |N(v)| + 1. f is ReLU, and nothing after the last layer,
whose vectors are compared. With a ``confidence`` that counts weights the mean is Σ c h_u / Σ c, and
the sum Σ c h_u / sqrt(d_u d_v), d_v = Σ c + 1. Of sampled neighbours (``fanout``) the sum counts as
much as that of all would: Σ c of all over Σ c of those drawn.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from engine.data.features import NodeFeatures
from engine.data.interactions import Interactions
from engine.data.model_options import option
from engine.models.aggregators import Mean
from engine.models.confidence import ConfidenceConfig
from engine.models.graph_encoder import GraphConfig, GraphEncoder, Layer
from engine.models.initialization import xavier_uniform
from engine.models.neighbourhood import NeighbourBlock, weighted_sum


@dataclass(frozen=True)
class GCNConfig(ConfidenceConfig, GraphConfig):
    """Settings of GCN."""

    normalisation: str = option(
        "mean",
        "of neighbours: their mean, and a weight of its own for the node itself; or symmetric by "
        "degrees, as Kipf and Welling have it",
        choices=("mean", "symmetric"),
    )


class MeanLayer:
    """W · mean of the neighbours + B · own.

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


class SymmetricLayer:
    """W · sum of neighbours and own, each divided by the square roots of both degrees.

    Args:
        size: d.
        last: Whether f is left out.
        generator: Draws the first weights.
    """

    ordered = False

    def __init__(self, size: int, *, last: bool, generator: np.random.Generator) -> None:
        self.weight = xavier_uniform(size, size, generator)
        self._last = last

    def __call__(self, sources: torch.Tensor, block: NeighbourBlock) -> torch.Tensor:
        """Return the next vectors of the targets.

        Raises:
            ValueError: The block does not know the degrees of its sources.
        """
        if block.degrees is None:
            raise ValueError("a symmetric normalisation needs the degrees of all sources")
        counts = block.degrees.to(sources.dtype)
        scale = (counts + 1.0).rsqrt()
        edges = counts.new_ones(len(block.indices)) if block.weights is None else block.weights
        drawn = counts.new_zeros(block.n_targets).index_add(0, block.targets, edges.to(counts))
        # A target without edges has no message to be weighed up.
        share = counts[: block.n_targets] / drawn.where(drawn > 0, torch.ones_like(drawn))
        weights = edges * scale[block.indices] * (scale[: block.n_targets] * share)[block.targets]
        own = sources[: block.n_targets] * scale[: block.n_targets, None].square()
        result = (weighted_sum(weights, sources, block) + own) @ self.weight.T
        return result if self._last else torch.relu(result)

    def state(self) -> dict[str, torch.Tensor]:
        """Return W."""
        return {"w": self.weight}


LAYERS: dict[str, Callable[..., Layer]] = {"mean": MeanLayer, "symmetric": SymmetricLayer}


def gcn(
    train: Interactions,
    config: GCNConfig,
    generator: np.random.Generator,
    features: NodeFeatures | None = None,
) -> GraphEncoder:
    """Build a GCN over the user-item graph."""
    layers: list[Layer] = [
        LAYERS[config.normalisation](
            config.dimension, last=number == config.layers, generator=generator
        )
        for number in range(1, config.layers + 1)
    ]
    return GraphEncoder(train, config, layers, generator, features)

"""GAT (Veličković et al. 2018): neighbours weighed by attention.

h_v' = f(Σ_u s_vu W h_u) over v itself and its neighbours, s_vu = softmax over u of
LeakyReLU(aᵀ[W h_v, W h_u]), with K heads, concatenated or averaged. f is ELU, and nothing after
the last layer, whose vectors are compared.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from engine.data.features import NodeFeatures
from engine.data.interactions import Interactions
from engine.data.model_options import option
from engine.errors import UsageError
from engine.models.graph_encoder import GraphConfig, GraphEncoder
from engine.models.initialization import xavier_uniform
from engine.models.neighbourhood import NeighbourBlock, weighted_sum

SLOPE = 0.2


@dataclass(frozen=True)
class GATConfig(GraphConfig):
    """Settings of GAT."""

    heads: int = option(
        4, "K; divides dimension when heads are concatenated", low=1, high=64, tune=(1, 2, 4, 8)
    )
    join: str = option("concat", "what becomes of the heads", choices=("concat", "average"))


class GATLayer:
    """One layer.

    Args:
        config: Size, heads and how they are joined.
        last: Whether f is left out.
        generator: Draws the first weights.
    """

    ordered = False

    def __init__(self, config: GATConfig, *, last: bool, generator: np.random.Generator) -> None:
        self._heads, self._last = config.heads, last
        self._concat = config.join == "concat"
        width = config.dimension // config.heads if self._concat else config.dimension
        self.weight = xavier_uniform(config.heads * width, config.dimension, generator)
        self.of_target = xavier_uniform(config.heads, width, generator)
        self.of_source = xavier_uniform(config.heads, width, generator)

    def __call__(self, sources: torch.Tensor, block: NeighbourBlock) -> torch.Tensor:
        """Return the next vectors of the targets."""
        looped = block.with_loops
        projected = (sources @ self.weight.T).reshape(len(sources), self._heads, -1)
        to, by = (projected * self.of_target).sum(dim=2), (projected * self.of_source).sum(dim=2)
        shares = softmax(F.leaky_relu(to[looped.targets] + by[looped.indices], SLOPE), looped)
        heads = [
            weighted_sum(shares[:, head].contiguous(), projected[:, head].contiguous(), looped)
            for head in range(self._heads)
        ]
        result = torch.cat(heads, dim=1) if self._concat else torch.stack(heads).mean(dim=0)
        return result if self._last else F.elu(result)

    def state(self) -> dict[str, torch.Tensor]:
        """Return W and the two halves of a, for all heads."""
        return {"w": self.weight, "a.target": self.of_target, "a.source": self.of_source}


def softmax(scores: torch.Tensor, block: NeighbourBlock) -> torch.Tensor:
    """Return ``(m, k)`` scores of edges as shares that add up to 1 for each target."""
    where = block.targets[:, None].expand_as(scores)
    empty = scores.new_full((block.n_targets, scores.shape[1]), -torch.inf)
    top = empty.scatter_reduce(0, where, scores.detach(), "amax")
    raised = torch.exp(scores - top[block.targets])
    total = torch.zeros_like(empty).index_add(0, block.targets, raised)
    return raised / total[block.targets]


def gat(
    train: Interactions,
    config: GATConfig,
    generator: np.random.Generator,
    features: NodeFeatures | None = None,
) -> GraphEncoder:
    """Build a GAT over the user-item graph.

    Raises:
        UsageError: Heads are concatenated and do not divide the dimension.
    """
    if config.join == "concat" and config.dimension % config.heads:
        raise UsageError(
            f"{config.heads} heads do not divide a dimension of {config.dimension}",
            hint="choose --set heads=N that does, or --set join=average",
        )
    layers = [
        GATLayer(config, last=number == config.layers, generator=generator)
        for number in range(1, config.layers + 1)
    ]
    return GraphEncoder(train, config, layers, generator, features)

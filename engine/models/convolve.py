"""CONVOLVE, the layer of PinSage (Ying et al. 2018, algorithm 1).

n_u = pool({ReLU(Q z_v + q)}, shares); z = ReLU(W · [z_u, n_u] + w), brought to unit length. The
pool is importance pooling, the sum of share times message, or for comparison the mean, the
element-wise maximum, or nothing: then z = ReLU(W z_u + w).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from engine.models.aggregators import Mean, maximum
from engine.models.initialization import xavier_uniform
from engine.models.neighbourhood import weighted_sum
from engine.models.visited_neighbours import WeightedNeighbours

Pool = Callable[[torch.Tensor, WeightedNeighbours], torch.Tensor]


def importance_pooling(messages: torch.Tensor, edges: WeightedNeighbours) -> torch.Tensor:
    """Return the sum of share times message, ``(n_targets, d)``."""
    return weighted_sum(edges.shares.to(messages.dtype), messages, edges.block)


POOLINGS: dict[str, Pool] = {
    "importance": importance_pooling,
    "mean": lambda messages, edges: Mean()(messages, edges.block),
    "max": lambda messages, edges: maximum(messages, edges.block),
}
"""The pool by name; beside these there is ``none``."""


@dataclass(frozen=True)
class ConvolveWeights:
    """The weights of one layer.

    Attributes:
        own: W, ``(d', d)`` without messages, ``(d', d + h)`` with.
        own_bias: w, ``(d',)``.
        other: Q and q, ``(h, d)`` and ``(h,)``, or None without messages.
    """

    own: torch.Tensor
    own_bias: torch.Tensor
    other: tuple[torch.Tensor, torch.Tensor] | None = None

    @classmethod
    def drawn(
        cls, size: int, wide: int, pooling: str, generator: np.random.Generator
    ) -> "ConvolveWeights":
        """Draw the first weights of a layer from ``size`` to ``wide`` numbers."""
        if pooling == "none":
            return cls(xavier_uniform(wide, size, generator), _zeros(wide))
        own, other = (
            xavier_uniform(wide, size + wide, generator),
            xavier_uniform(wide, size, generator),
        )
        return cls(own, _zeros(wide), (other, _zeros(wide)))

    def state(self) -> dict[str, torch.Tensor]:
        """Return the tensors by the names they have in the paper."""
        named = {"W": self.own, "w": self.own_bias}
        if self.other is not None:
            named |= dict(zip("Qq", self.other, strict=True))
        return named


def convolve(
    sources: torch.Tensor, edges: WeightedNeighbours, weights: ConvolveWeights, pooling: str
) -> torch.Tensor:
    """Return the next vectors of the targets, ``(n_targets, d')``.

    Args:
        sources: ``(n_sources, d)``, the targets first.
        edges: From sources to targets.
        weights: Of the layer.
        pooling: Name of the pool.
    """
    own = sources[: edges.block.n_targets]
    if weights.other is not None:
        other, bias = weights.other
        messages = torch.relu(sources @ other.T + bias)
        own = torch.cat((own, POOLINGS[pooling](messages, edges)), dim=1)
    return F.normalize(torch.relu(own @ weights.own.T + weights.own_bias), dim=1)


def _zeros(size: int) -> torch.Tensor:
    return torch.zeros(size, requires_grad=True)

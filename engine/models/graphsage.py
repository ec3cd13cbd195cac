"""GraphSAGE (Hamilton, Ying and Leskovec 2017): sample, aggregate, and embed the unseen.

h_v' = f(W · [AGG{h_u}, h_v]), then h_v' / ||h_v'||; AGG is the mean, the element-wise maximum of
ReLU(W_pool h_u + b), or an LSTM over the messages in random order. f is ReLU, and nothing after
the last layer, whose vectors are compared. With a ``confidence`` that counts weights the mean is
Σ c h_u / Σ c over the sampled neighbours; a maximum and an LSTM have no place for c.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from engine.data.features import NodeFeatures
from engine.data.interactions import Interactions
from engine.data.model_options import option
from engine.errors import UsageError
from engine.models.aggregators import Aggregator, Lstm, MaxPool, Mean
from engine.models.confidence import COUNTED_ONCE, ConfidenceConfig
from engine.models.graph_encoder import GraphConfig, GraphEncoder
from engine.models.initialization import xavier_uniform
from engine.models.neighbourhood import NeighbourBlock


@dataclass(frozen=True)
class GraphSAGEConfig(ConfidenceConfig, GraphConfig):
    """Settings of GraphSAGE."""

    fanout: int = option(
        10,
        "neighbours sampled per node and layer while training, and with the LSTM always; 0: all",
        low=0,
        high=10_000,
        tune=(0, 5, 10, 25),
    )
    aggregator: str = option("mean", "AGG", choices=("mean", "max", "lstm"), tune=("mean", "max"))

    def __post_init__(self) -> None:
        """Refuse an aggregator that cannot count weights.

        Raises:
            UsageError: The aggregator is not mean and events have weights.
        """
        if self.aggregator != "mean" and self.confidence not in COUNTED_ONCE:
            raise UsageError(
                f"confidence={self.confidence} counts weights, which aggregator={self.aggregator} "
                "has no formula for",
                hint="--set aggregator=mean, or --set confidence=binary or threshold",
            )


class GraphSAGELayer:
    """One layer.

    Args:
        size: d.
        aggregator: AGG.
        last: Whether f is left out.
        generator: Draws the first weights.
    """

    def __init__(
        self, size: int, aggregator: Aggregator, *, last: bool, generator: np.random.Generator
    ) -> None:
        self.weight = xavier_uniform(size, 2 * size, generator)
        self.ordered = aggregator.ordered
        self._aggregator, self._last = aggregator, last

    def __call__(self, sources: torch.Tensor, block: NeighbourBlock) -> torch.Tensor:
        """Return the next vectors of the targets, of unit length."""
        aggregated = self._aggregator(sources, block)
        result = torch.cat((aggregated, sources[: block.n_targets]), dim=1) @ self.weight.T
        return F.normalize(result if self._last else torch.relu(result), dim=1)

    def state(self) -> dict[str, torch.Tensor]:
        """Return W and the weights of AGG."""
        return {"w": self.weight} | self._aggregator.state()


def graphsage(
    train: Interactions,
    config: GraphSAGEConfig,
    generator: np.random.Generator,
    features: NodeFeatures | None = None,
) -> GraphEncoder:
    """Build a GraphSAGE over the user-item graph."""
    size = config.dimension
    layers = []
    for number in range(1, config.layers + 1):
        aggregated = aggregator(config.aggregator, size, generator)
        last = number == config.layers
        layers.append(GraphSAGELayer(size, aggregated, last=last, generator=generator))
    return GraphEncoder(train, config, layers, generator, features)


def aggregator(name: str, size: int, generator: np.random.Generator) -> Aggregator:
    """Return the aggregator called ``name``: ``mean``, ``max`` or ``lstm``."""
    if name == "mean":
        return Mean()
    return MaxPool(size, generator) if name == "max" else Lstm(size, generator)

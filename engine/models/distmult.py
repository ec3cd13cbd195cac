"""DistMult (Yang et al. 2015): Σ_k h_k r_k t_k, trained with 1-N softmax and N3.

The score is the inner product of h⊙r and t. That of (t, r, h) is the same, so without ``inverse``
every relation is symmetric; with it, which head is asked by other vectors, and a relation tells
its ends apart by them. How it is trained stands in ``bilinear`` (Lacroix et al. 2018, where it is
CP with inverse relations and one vector for both roles of a node).
"""

from dataclasses import dataclass

import numpy as np
import torch

from engine.data.arrays import Float32Array
from engine.data.training_data import TrainingData
from engine.models.bilinear import BilinearConfig, BilinearGraph
from engine.models.encoder import Embeddings, Loss
from engine.models.relational import TripleBatch


@dataclass(frozen=True)
class DistMultConfig(BilinearConfig):
    """Settings of DistMult."""


class CoordinateProduct:
    """h⊙r."""

    def turned(self, heads: torch.Tensor, relations: torch.Tensor) -> torch.Tensor:
        """Return h⊙r."""
        return heads * relations

    def returned(self, tails: torch.Tensor, relations: torch.Tensor) -> torch.Tensor:
        """Return t⊙r."""
        return tails * relations

    def sizes(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return the absolute values, ``(n, dimension)``."""
        return vectors.abs()

    def still(self, shape: tuple[int, int]) -> Float32Array:
        """Return ones."""
        return np.ones(shape, dtype=np.float32)


class DistMult:
    """Users, items and entities whose coordinates a relation weighs.

    Attributes:
        graph: The vectors and the scores of triples.

    Args:
        material: Events and facts the model learns from.
        config: Settings.
        generator: Draws the first vectors.
    """

    def __init__(
        self, material: TrainingData, config: DistMultConfig, generator: np.random.Generator
    ) -> None:
        self.config = config
        self.graph = BilinearGraph(material, config, CoordinateProduct(), generator)

    def fit_step(self, batch: TripleBatch, loss: Loss) -> torch.Tensor:
        """Return the loss of a batch plus l2 and N3 on the vectors of its triples."""
        return self.graph.loss(batch, loss)

    def encode(self) -> Embeddings:
        """Return u⊙r for users, and the vectors of items and entities."""
        return self.graph.served()

    def state(self) -> dict[str, torch.Tensor]:
        """Return the vectors of nodes and of relations."""
        return self.graph.state()

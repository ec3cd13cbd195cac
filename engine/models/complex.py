"""ComplEx (Trouillon et al. 2016): Re⟨h, r, t̄⟩ of complex vectors, trained with 1-N and N3.

Re Σ_k h_k r_k t̄_k is the inner product of h∘r and t, each read as twice as many reals: the real
parts, then the imaginary ones. ``dimension`` counts reals, so a vector holds half as many complex
numbers, and what is stored is what is learned: a vector index serves the model's own scores. Unlike
DistMult's, the score of (t, r, h) is another one wherever r is not real, so a relation may be
symmetric, antisymmetric or neither. How it is trained stands in ``bilinear``.
"""

from dataclasses import dataclass

import numpy as np
import torch

from engine.data.arrays import Float32Array
from engine.data.model_options import option
from engine.data.training_data import TrainingData
from engine.models.bilinear import INVERSE_HELP, BilinearConfig, BilinearGraph
from engine.models.complex_numbers import check_even, conjugate, moduli, times
from engine.models.encoder import Embeddings, Loss
from engine.models.relational import TripleBatch


@dataclass(frozen=True)
class ComplExConfig(BilinearConfig):
    """Settings of ComplEx."""

    inverse: bool = option(False, INVERSE_HELP)


class ComplexProduct:
    """h∘r of complex numbers."""

    def turned(self, heads: torch.Tensor, relations: torch.Tensor) -> torch.Tensor:
        """Return h∘r."""
        return times(heads, relations)

    def returned(self, tails: torch.Tensor, relations: torch.Tensor) -> torch.Tensor:
        """Return t∘r̄: Re⟨h∘r, t⟩ = Re⟨h, t∘r̄⟩."""
        return times(tails, conjugate(relations))

    def sizes(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return the moduli, ``(n, dimension / 2)``."""
        return moduli(vectors)

    def still(self, shape: tuple[int, int]) -> Float32Array:
        """Return 1 + 0i everywhere."""
        ones = np.zeros(shape, dtype=np.float32)
        ones[:, : shape[1] // 2] = 1.0
        return ones


class ComplEx:
    """Users, items and entities as complex vectors.

    Attributes:
        graph: The vectors and the scores of triples.

    Args:
        material: Events and facts the model learns from.
        config: Settings.
        generator: Draws the first vectors.

    Raises:
        UsageError: The dimension is odd.
    """

    def __init__(
        self, material: TrainingData, config: ComplExConfig, generator: np.random.Generator
    ) -> None:
        check_even(config.dimension)
        self.config = config
        self.graph = BilinearGraph(material, config, ComplexProduct(), generator)

    def fit_step(self, batch: TripleBatch, loss: Loss) -> torch.Tensor:
        """Return the loss of a batch plus l2 and N3 on the vectors of its triples."""
        return self.graph.loss(batch, loss)

    def encode(self) -> Embeddings:
        """Return u∘r for users, and the vectors of items and entities."""
        return self.graph.served()

    def state(self) -> dict[str, torch.Tensor]:
        """Return the vectors of nodes and of relations."""
        return self.graph.state()

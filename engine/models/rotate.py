"""RotatE (Sun et al. 2019): a relation turns each complex coordinate of the head by an angle.

The score is -‖h∘r - t‖, r = e^(iθ), by default the Euclidean length, as in PyKEEN; ``norm=l1`` adds
up the moduli of the gaps, as the authors' code does. The Euclidean distance of complex vectors is
that of twice as many reals, and a rotation keeps lengths, so it is published as TransE's is: a user
is stored as q = u∘r, and with ``scoring=cosine``, where heads and tails have unit length, so has q,
and a cosine index returns the model's own ranking; with ``scoring=dot`` lengths are free (see
``distances``). With ``norm=l1`` the same is stored, and only approximates the model's ranking.
Where events are of several kinds, q = u∘r with r the mean of their e^(iθ), so the index ranks by
the mean of the squared distances. (The mean of the angles would be none: 3 and -3 are near each
other, and 0 is opposite.) ``dimension`` counts reals, two to a complex number. Turning back is
exact, so heads need no relation of their own.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from engine.data.arrays import Float32Array
from engine.data.model_options import option
from engine.data.training_data import TrainingData
from engine.models.complex_numbers import check_even, conjugate, moduli, times, turns
from engine.models.distances import nearest_queries, nearest_targets
from engine.models.encoder import Embeddings, Loss
from engine.models.relational import Relational, RelationalConfig, TripleBatch


@dataclass(frozen=True)
class RotatEConfig(RelationalConfig):
    """Settings of RotatE."""

    norm: str = option(
        "l2",
        "length of the gap, Euclidean or the sum of its moduli; the index ranks by l2",
        choices=("l2", "l1"),
    )


@dataclass(frozen=True)
class RotationDistance:
    """-‖h∘e^(iθ) - t‖; relations are the angles θ, ``(n, dimension / 2)``.

    Attributes:
        unit: Whether heads and tails are brought to unit length first.
        summed: Whether the moduli of the gap are added up, instead of its Euclidean length.
    """

    unit: bool
    summed: bool = False

    def own(
        self, heads: torch.Tensor, relations: torch.Tensor, tails: torch.Tensor
    ) -> torch.Tensor:
        """Return the scores of triples, ``(b,)``."""
        gap = times(self.placed(heads), turns(relations)) - self.placed(tails)
        if self.summed:
            return -moduli(gap).sum(dim=-1)
        length: torch.Tensor = torch.linalg.vector_norm(gap, dim=1)
        return -length

    def tails(
        self, heads: torch.Tensor, relations: torch.Tensor, candidates: torch.Tensor
    ) -> torch.Tensor:
        """Return the scores with other tails, ``(b, m)``."""
        return -self._gaps(times(self.placed(heads), turns(relations)), self.placed(candidates))

    def heads(
        self, relations: torch.Tensor, tails: torch.Tensor, candidates: torch.Tensor
    ) -> torch.Tensor:
        """Return the scores with other heads, ``(b, m)``: as far as the tail is, turned back."""
        back = conjugate(turns(relations))
        return -self._gaps(times(self.placed(tails), back), self.placed(candidates))

    def placed(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return vectors of nodes as they are compared."""
        return F.normalize(vectors, dim=1) if self.unit else vectors

    def _gaps(self, one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        if self.summed:
            return moduli(one[:, None, :] - other[None, :, :]).sum(dim=-1)
        return torch.cdist(one, other, compute_mode="use_mm_for_euclid_dist")


class RotatE:
    """Users, items and entities as complex vectors, and the angles between them.

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
        self, material: TrainingData, config: RotatEConfig, generator: np.random.Generator
    ) -> None:
        check_even(config.dimension)
        self.config = config
        self._score = RotationDistance(config.scoring == "cosine", config.norm == "l1")
        self.graph = Relational(material, config, self._score, generator, _angles)

    def fit_step(self, batch: TripleBatch, loss: Loss) -> torch.Tensor:
        """Return the loss of a batch plus l2 on the vectors of its nodes."""
        return self.graph.loss(batch, loss)

    def encode(self) -> Embeddings:
        """Return u∘r for users, and the vectors of items and entities, as the module says."""
        return self.graph.embeddings(
            self._queries, lambda vectors: nearest_targets(vectors, unit=self._score.unit), turns
        )

    def state(self) -> dict[str, torch.Tensor]:
        """Return the vectors of nodes and the angles of relations."""
        return self.graph.state()

    def _queries(self, users: torch.Tensor, turn: torch.Tensor) -> torch.Tensor:
        turned = times(users, turn.expand(len(users), -1))
        return nearest_queries(turned, unit=self._score.unit)


def _angles(generator: np.random.Generator, shape: tuple[int, int], near: bool) -> Float32Array:
    """Return angles to begin with: on the whole circle, or next to none where all is near."""
    shape = (shape[0], shape[1] // 2)
    if near:
        return (0.01 * generator.standard_normal(shape)).astype(np.float32)
    return generator.uniform(-np.pi, np.pi, shape).astype(np.float32)

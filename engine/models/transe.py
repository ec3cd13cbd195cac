"""TransE (Bordes et al. 2013): a relation is a step from head to tail.

The score is -||h + r - t||₂. With ``scoring=cosine`` users, items and entities have unit length, as
in the paper; then -||q - t|| ranks as the cosine of q and t does, so a user is stored as q = u + r,
r the step of the event that is served, and a cosine index returns the model's own ranking. With
``scoring=dot`` lengths are free: -||q - t||² = 2 (q·t - ||t||²/2) - ||q||², so users are stored as
(q, 1) and items as (t, -||t||²/2), whose inner product ranks as the score does. Where events are of
several kinds, r is their mean step. May import: ``encoder``, ``relational``, ``engine.data``.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from engine.data.material import Material
from engine.models.encoder import Embeddings, Loss
from engine.models.relational import Relational, RelationalConfig, TripleBatch


@dataclass(frozen=True)
class TransEConfig(RelationalConfig):
    """Settings of TransE."""


@dataclass(frozen=True)
class Distance:
    """-||h + r - t||₂.

    Attributes:
        unit: Whether heads and tails are brought to unit length first.
    """

    unit: bool

    def own(
        self, heads: torch.Tensor, relations: torch.Tensor, tails: torch.Tensor
    ) -> torch.Tensor:
        """Return the scores of triples, ``(b,)``."""
        gap = self.placed(heads) + relations - self.placed(tails)
        length: torch.Tensor = torch.linalg.vector_norm(gap, dim=1)
        return -length

    def tails(
        self, heads: torch.Tensor, relations: torch.Tensor, candidates: torch.Tensor
    ) -> torch.Tensor:
        """Return the scores with other tails, ``(b, m)``."""
        return -_distances(self.placed(heads) + relations, self.placed(candidates))

    def heads(
        self, relations: torch.Tensor, tails: torch.Tensor, candidates: torch.Tensor
    ) -> torch.Tensor:
        """Return the scores with other heads, ``(b, m)``."""
        return -_distances(self.placed(tails) - relations, self.placed(candidates))

    def placed(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return vectors of nodes as they are compared."""
        return F.normalize(vectors, dim=1) if self.unit else vectors


class TransE:
    """Users, items and entities, and the steps between them.

    Attributes:
        graph: The vectors and the scores of triples.

    Args:
        material: Events and facts the model learns from.
        config: Settings.
        generator: Draws the first vectors.
    """

    def __init__(
        self, material: Material, config: TransEConfig, generator: np.random.Generator
    ) -> None:
        self.config = config
        self._score = Distance(unit=config.scoring == "cosine")
        self.graph = Relational(material, config, self._score, generator)

    def fit_step(self, batch: TripleBatch, loss: Loss) -> torch.Tensor:
        """Return the loss of a batch plus l2 on the vectors of its nodes."""
        return self.graph.loss(batch, loss)

    def encode(self) -> Embeddings:
        """Return u + r for users, and the vectors of items and entities, as the module says."""
        return self.graph.embeddings(self._queries, self._targets)

    def state(self) -> dict[str, torch.Tensor]:
        """Return the vectors of nodes and of relations."""
        return self.graph.state()

    def _queries(self, users: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
        moved = self._score.placed(users) + step
        if self._score.unit:
            return F.normalize(moved, dim=1)
        return torch.cat((moved, torch.ones_like(moved[:, :1])), dim=1)

    def _targets(self, vectors: torch.Tensor) -> torch.Tensor:
        if self._score.unit:
            return F.normalize(vectors, dim=1)
        return torch.cat((vectors, -vectors.square().sum(dim=1, keepdim=True) / 2), dim=1)


def _distances(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    return torch.cdist(one, other, compute_mode="use_mm_for_euclid_dist")

"""TwHIN (El-Kishky et al. 2022): one space for all that is joined, f(s,r,t) = (θ_s + θ_r)ᵀθ_t.

All relations are trained together: events by kind, facts between users, facts of items. The paper
maximises log sigmoid(f(e)) + Σ log sigmoid(-f(e')), e' with another head or another tail: that is
``loss=skip-gram`` with ``scoring=dot`` and ``temperature=1``. With ``scoring=cosine`` f is the
cosine of θ_s + θ_r and θ_t. A user is stored as θ_u + θ_event, so the vector index returns the
model's own ranking; where events are of several kinds, θ_event is the mean of theirs, and the inner
product the mean of their scores.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from engine.data.training_data import TrainingData
from engine.models.encoder import Embeddings, Loss
from engine.models.relational import Relational, RelationalConfig, TripleBatch
from engine.models.vector_tables import WHOLE, VectorTables

_TINY = 1e-12


@dataclass(frozen=True)
class TwHINConfig(RelationalConfig):
    """Settings of TwHIN."""


@dataclass(frozen=True)
class Translation:
    """(h + r)ᵀt, or the cosine of h + r and t.

    Attributes:
        unit: Whether it is the cosine.
    """

    unit: bool

    def own(
        self, heads: torch.Tensor, relations: torch.Tensor, tails: torch.Tensor
    ) -> torch.Tensor:
        """Return the scores of triples, ``(b,)``."""
        return (self.placed(heads + relations) * self.placed(tails)).sum(dim=1)

    def tails(
        self, heads: torch.Tensor, relations: torch.Tensor, candidates: torch.Tensor
    ) -> torch.Tensor:
        """Return the scores with other tails, ``(b, m)``."""
        return self.placed(heads + relations) @ self.placed(candidates).T

    def heads(
        self, relations: torch.Tensor, tails: torch.Tensor, candidates: torch.Tensor
    ) -> torch.Tensor:
        """Return the scores with other heads, ``(b, m)``, no vector per pair being made."""
        tails = self.placed(tails)
        scores = tails @ candidates.T + (relations * tails).sum(dim=1, keepdim=True)
        if not self.unit:
            return scores
        squares = candidates.square().sum(dim=1) + relations.square().sum(dim=1, keepdim=True)
        squares = squares + 2.0 * relations @ candidates.T
        return scores / squares.clamp_min(_TINY).sqrt()

    def placed(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return vectors as they are compared."""
        return F.normalize(vectors, dim=1) if self.unit else vectors


class TwHIN:
    """Users, items and entities in one space.

    Attributes:
        graph: The vectors and the scores of triples.

    Args:
        material: Events and facts the model learns from.
        config: Settings.
        generator: Draws the first vectors.
        tables: Where their rows lie.
    """

    def __init__(
        self,
        material: TrainingData,
        config: TwHINConfig,
        generator: np.random.Generator,
        tables: VectorTables = WHOLE,
    ) -> None:
        self.config = config
        self._score = Translation(unit=config.scoring == "cosine")
        self.graph = Relational(material, config, self._score, generator, tables=tables)

    def fit_step(self, batch: TripleBatch, loss: Loss) -> torch.Tensor:
        """Return the loss of a batch plus l2 on the vectors of its nodes."""
        return self.graph.loss(batch, loss)

    def encode(self) -> Embeddings:
        """Return θ_u + θ_event for users, and the vectors of items and entities."""
        place = self._score.placed
        return self.graph.embeddings(lambda users, event: place(users + event), place)

    def state(self) -> dict[str, torch.Tensor]:
        """Return the vectors of nodes and of relations."""
        return self.graph.state()

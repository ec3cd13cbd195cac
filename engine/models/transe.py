"""TransE (Bordes et al. 2013): a relation is a step from head to tail.

The score is -||h + r - t||, by default the Euclidean length. With ``scoring=cosine`` users, items
and entities have unit length, as in the paper; with ``scoring=dot`` lengths are free. A user is
stored as q = u + r, r the step of the event that is served, so that an index returns the model's
own ranking of -||q - t|| (see ``distances``). Where events are of several kinds, r is their mean
step. With ``norm=l1`` the same is stored, and only approximates the model's ranking: facts rank
better by it, lists are those of the index all the same.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from engine.data.model_options import option
from engine.data.training_data import TrainingData
from engine.models.distances import nearest_queries, nearest_targets
from engine.models.encoder import Embeddings, Loss
from engine.models.relational import Relational, RelationalConfig, TripleBatch
from engine.models.vector_tables import WHOLE, VectorTables


@dataclass(frozen=True)
class TransEConfig(RelationalConfig):
    """Settings of TransE."""

    norm: str = option("l2", "length of the gap; the index ranks by l2", choices=("l2", "l1"))


@dataclass(frozen=True)
class TranslationDistance:
    """-||h + r - t||.

    Attributes:
        unit: Whether heads and tails are brought to unit length first.
        norm: Whose length of the gap: 2 for the Euclidean, 1 for the sum of its coordinates.
    """

    unit: bool
    norm: float = 2.0

    def own(
        self, heads: torch.Tensor, relations: torch.Tensor, tails: torch.Tensor
    ) -> torch.Tensor:
        """Return the scores of triples, ``(b,)``."""
        gap = self.placed(heads) + relations - self.placed(tails)
        length: torch.Tensor = torch.linalg.vector_norm(gap, self.norm, dim=1)
        return -length

    def tails(
        self, heads: torch.Tensor, relations: torch.Tensor, candidates: torch.Tensor
    ) -> torch.Tensor:
        """Return the scores with other tails, ``(b, m)``."""
        return -self._gaps(self.placed(heads) + relations, self.placed(candidates))

    def heads(
        self, relations: torch.Tensor, tails: torch.Tensor, candidates: torch.Tensor
    ) -> torch.Tensor:
        """Return the scores with other heads, ``(b, m)``."""
        return -self._gaps(self.placed(tails) - relations, self.placed(candidates))

    def placed(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return vectors of nodes as they are compared."""
        return F.normalize(vectors, dim=1) if self.unit else vectors

    def _gaps(self, one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        return torch.cdist(one, other, self.norm, compute_mode="use_mm_for_euclid_dist")


class TransE:
    """Users, items and entities, and the steps between them.

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
        config: TransEConfig,
        generator: np.random.Generator,
        tables: VectorTables = WHOLE,
    ) -> None:
        self.config = config
        self._score = TranslationDistance(
            config.scoring == "cosine", 1.0 if config.norm == "l1" else 2.0
        )
        self.graph = Relational(material, config, self._score, generator, tables=tables)

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
        return nearest_queries(self._score.placed(users) + step, unit=self._score.unit)

    def _targets(self, vectors: torch.Tensor) -> torch.Tensor:
        return nearest_targets(vectors, unit=self._score.unit)

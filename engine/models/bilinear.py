"""What ComplEx and DistMult share: the training of Lacroix, Usunier and Obozinski (2018).

A score is the inner product of the head, as the relation turns it, and the tail. A triple asks two
questions, which tail and which head, each with a loss of its own over the candidates of a label; a
softmax over all of them (``negative_count`` at least their number) is the paper's 1-N one. With
``inverse`` the second question is (t, r⁻¹, ?), r⁻¹ a relation of its own. N3 adds
λ/3 (‖h‖³ + ‖r‖³ + ‖t‖³), ‖x‖³ = Σ |x_k|³ of the (complex) coordinates, averaged over questions.

With ``scoring=cosine`` the score is the cosine of both vectors. Users are stored as the relation of
the served event turns them, so the index returns the model's own ranking; both products are linear
in the relation, so with events of several kinds an inner product is the mean of their scores.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch.nn import functional as F

from engine.data.arrays import Float32Array, Int64Array
from engine.data.model_options import Span, option
from engine.data.training_data import TrainingData
from engine.models.encoder import Embeddings, Loss
from engine.models.relational import Relational, RelationalConfig, ScoredTriples, TripleBatch
from engine.models.tensors import array, tensor

INVERSE_HELP = "learn which head by a relation of its own, from tail to head"
_TINY = 1e-12


@dataclass(frozen=True)
class BilinearConfig(RelationalConfig):
    """Settings of models whose score is an inner product."""

    scoring: str = option("dot", "how vectors are compared", choices=("cosine", "dot"))
    inverse: bool = option(True, INVERSE_HELP)
    n3: float = option(
        0.01,
        "weight of a third of the cubes of a triple's coordinates, as the paper has it",
        low=0,
        high=10,
        tune=Span(1e-4, 1.0, log=True),
    )
    l2: float = option(0.0, "weight of the squared length of a batch's vectors", low=0, high=1)


class Product(Protocol):
    """How a relation turns a vector; all are ``(n, dimension)``."""

    def turned(self, heads: torch.Tensor, relations: torch.Tensor) -> torch.Tensor:
        """Return what has the score as its inner product with the tail."""

    def returned(self, tails: torch.Tensor, relations: torch.Tensor) -> torch.Tensor:
        """Return what has the score as its inner product with the head."""

    def sizes(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return the size of every coordinate."""

    def still(self, shape: tuple[int, int]) -> Float32Array:
        """Return relations that leave every vector as it is."""


@dataclass(frozen=True)
class BilinearScore:
    """turned(h, r)ᵀt, or the cosine of both.

    Attributes:
        product: How a relation turns a head.
        unit: Whether it is the cosine.
    """

    product: Product
    unit: bool

    def own(
        self, heads: torch.Tensor, relations: torch.Tensor, tails: torch.Tensor
    ) -> torch.Tensor:
        """Return the scores of triples, ``(b,)``."""
        return (self.queries(heads, relations) * self.placed(tails)).sum(dim=1)

    def tails(
        self, heads: torch.Tensor, relations: torch.Tensor, candidates: torch.Tensor
    ) -> torch.Tensor:
        """Return the scores with other tails, ``(b, m)``."""
        return self.queries(heads, relations) @ self.placed(candidates).T

    def heads(
        self, relations: torch.Tensor, tails: torch.Tensor, candidates: torch.Tensor
    ) -> torch.Tensor:
        """Return the scores with other heads, ``(b, m)``, no vector per pair being made."""
        scores = self.product.returned(self.placed(tails), relations) @ candidates.T
        if not self.unit:
            return scores
        # The length of a turned candidate: each of its coordinates is as long as both together.
        turning, own = (self.product.sizes(one).square() for one in (relations, candidates))
        return scores / (turning @ own.T).clamp_min(_TINY).sqrt()

    def queries(self, heads: torch.Tensor, relations: torch.Tensor) -> torch.Tensor:
        """Return turned heads as they are compared."""
        return self.placed(self.product.turned(heads, relations))

    def placed(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return vectors as they are compared."""
        return F.normalize(vectors, dim=1) if self.unit else vectors


class BilinearGraph(Relational):
    """Vectors of nodes and relations; with ``inverse`` those of the inverse ones come after.

    Args:
        material: Events, and facts where there are any.
        config: Settings.
        product: How a relation turns a head.
        generator: Draws the first vectors.
    """

    def __init__(
        self,
        material: TrainingData,
        config: BilinearConfig,
        product: Product,
        generator: np.random.Generator,
    ) -> None:
        def first(draw: np.random.Generator, shape: tuple[int, int], near: bool) -> Float32Array:
            rows = ((2 if config.inverse else 1) * shape[0], shape[1])
            drawn = draw.standard_normal(rows).astype(np.float32)
            return product.still(rows) + np.float32(0.01) * drawn if near else drawn * 0.1

        self._turn = BilinearScore(product, unit=config.scoring == "cosine")
        self._n3, self._inverse = config.n3, config.inverse
        super().__init__(material, config, self._turn, generator, first)

    def loss(self, batch: TripleBatch, loss: Loss) -> torch.Tensor:
        """Return the loss of a batch plus l2 and N3 on the vectors of its triples."""
        value = super().loss(batch, loss)
        return value + self._n3 / 3 * self.cubes(batch) if self._n3 else value

    def cubes(self, batch: TripleBatch) -> torch.Tensor:
        """Return ‖h‖³ + ‖r‖³ + ‖t‖³, averaged over both questions of every triple."""
        ends = torch.cat((batch.heads, batch.tails))
        asked = torch.cat((batch.relations, self._backwards(batch.relations)))
        of_ends, of_relations = (
            self._turn.product.sizes(vectors.index_select(0, rows)).pow(3).sum()
            for vectors, rows in ((self.nodes, ends), (self.relations, asked))
        )
        return (2 * of_ends + of_relations) / len(asked)

    def scored(self, batch: TripleBatch) -> ScoredTriples:
        """Return the scores of both questions, which tails and then which heads, a row each."""
        heads = self.nodes.index_select(0, batch.heads)
        tails = self.nodes.index_select(0, batch.tails)
        forth = self.relations.index_select(0, batch.relations)
        back = self.relations.index_select(0, self._backwards(batch.relations))
        others = (
            self._corrupted(
                batch.tails,
                batch,
                lambda rows, some: self._turn.tails(heads[rows], forth[rows], some),
            ),
            self._corrupted(
                batch.heads, batch, lambda rows, some: self._heads(back[rows], tails[rows], some)
            ),
        )
        own = self._turn.own(heads, forth, tails)
        asked_back = self._turn.own(tails, back, heads) if self._inverse else own
        weights = None if batch.weights is None else torch.cat((batch.weights, batch.weights))
        return ScoredTriples(torch.cat((own, asked_back)), torch.cat(others), weights)

    def score_heads(self, relations: Int64Array, tails: Int64Array) -> Float32Array:
        """Return the scores of every node as the head, ``(b, n_nodes) float32``."""
        with torch.no_grad():
            back = self.relations[self._backwards(tensor(relations))]
            scores: Float32Array = array(self._heads(back, self.nodes[tensor(tails)], self.nodes))
        return scores

    def served(self) -> Embeddings:
        """Return users as the served event turns them, and the vectors of items and entities."""
        return self.embeddings(
            lambda users, event: self._turn.queries(users, event.expand(len(users), -1)),
            self._turn.placed,
        )

    def _backwards(self, relations: torch.Tensor) -> torch.Tensor:
        """Return the rows of the relations that ask for heads."""
        return relations + self.triples.n_relations if self._inverse else relations

    def _heads(
        self, back: torch.Tensor, tails: torch.Tensor, candidates: torch.Tensor
    ) -> torch.Tensor:
        if self._inverse:
            return self._turn.tails(tails, back, candidates)
        return self._turn.heads(back, tails, candidates)

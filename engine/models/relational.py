"""What models of triples share: vectors of nodes and relations, scores of a batch, served vectors.

Events of a kind are a relation from users to items, trained together with the facts. A model says
how a triple is scored; the rest is here.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch.nn import functional as F

from engine.data.arrays import Float32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.model_options import Span, option
from engine.data.training_data import TrainingData
from engine.data.triples import Triples
from engine.errors import UsageError
from engine.models.collaborative import VectorConfig, first_vectors, squared_length
from engine.models.encoder import Embeddings, Loss
from engine.models.registry_entries import ExtraData
from engine.models.tensors import array, tensor
from engine.models.vector_tables import WHOLE, RowLookup, VectorTables

Against = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
FirstRelations = Callable[[np.random.Generator, tuple[int, int], bool], Float32Array]
"""A generator, the shape, whether what goes together is near already -> relations to begin with."""


@dataclass(frozen=True)
class RelationalConfig(VectorConfig):
    """Settings of every model of triples."""

    relations: str = option(
        "all", "what is learned from: events and all facts, or events", choices=("all", "events")
    )
    serve: str = option(
        "", "kind of event that lists are for; empty: the mean of all kinds, by their number"
    )
    fact_weight: float = option(
        1.0,
        "weight of a fact in the loss, where an event weighs 1",
        low=0,
        high=100,
        tune=Span(0.03, 3.0, log=True),
    )


@dataclass(frozen=True)
class TripleBatch:
    """Triples that are true, and nodes to put in place of their heads and tails.

    Attributes:
        heads: ``(b,) int64`` positions of nodes.
        relations: ``(b,) int64`` rows of relations.
        tails: ``(b,) int64``.
        negatives: Users, items and entities ``(m,) int64``: each end is compared with those
            of its own label, which the batch shares.
        weights: ``(b,)`` of the triples in the loss, or None when all weigh 1.
    """

    heads: torch.Tensor
    relations: torch.Tensor
    tails: torch.Tensor
    negatives: tuple[torch.Tensor, torch.Tensor, torch.Tensor]
    weights: torch.Tensor | None = None


@dataclass(frozen=True)
class ScoredTriples:
    """The scores of a batch.

    Attributes:
        own: ``(b,)`` of the triples.
        others: ``(b, n)`` with another tail, then with another head; -inf where one is left out.
        weights: ``(b,)`` of the triples, or None.
    """

    own: torch.Tensor
    others: torch.Tensor
    weights: torch.Tensor | None = None


class TripleScore(Protocol):
    """How well a head, a relation and a tail go together; the arguments are vectors."""

    def own(
        self, heads: torch.Tensor, relations: torch.Tensor, tails: torch.Tensor
    ) -> torch.Tensor:
        """Return the scores of triples, ``(b,)``."""

    def tails(
        self, heads: torch.Tensor, relations: torch.Tensor, candidates: torch.Tensor
    ) -> torch.Tensor:
        """Return the scores with each of ``(m, d)`` candidates for a tail, ``(b, m)``."""

    def heads(
        self, relations: torch.Tensor, tails: torch.Tensor, candidates: torch.Tensor
    ) -> torch.Tensor:
        """Return the scores with each of ``(m, d)`` candidates for a head, ``(b, m)``."""


def steps(generator: np.random.Generator, shape: tuple[int, int], near: bool) -> Float32Array:
    """Return steps from head to tail to begin with, ``shape``; small where all is near already."""
    drawn = (0.01 if near else 0.1) * generator.standard_normal(shape).astype(np.float32)
    return drawn.astype(np.float32)


class Relational:
    """Vectors of nodes and relations.

    Attributes:
        triples: What is learned from.
        nodes: ``(n_nodes, dimension) float32``: users, items, entities; trained.
        relations: ``(n_relations, dimension) float32``: kinds of event, then facts; trained. A
            model may have more rows, or shorter ones.

    Args:
        material: Events, and facts where there are any.
        config: Settings.
        score: Of a triple.
        generator: Draws the first vectors.
        relations: What relations begin with.
        tables: Where the rows of nodes lie.

    Raises:
        UsageError: The kind of event to serve is none of those there are.
    """

    def __init__(
        self,
        material: TrainingData,
        config: RelationalConfig,
        score: TripleScore,
        generator: np.random.Generator,
        relations: FirstRelations = steps,
        tables: VectorTables = WHOLE,
    ) -> None:
        self.triples = Triples.of(material, facts=config.relations == "all")
        self._config, self._score, self._tables = config, score, tables
        self._mix = _mix(self.triples, config.serve)
        self._known = tensor(self.triples.degrees() > 0)[:, None]
        self.nodes = tables.trained(
            "nodes",
            config.dimension,
            lambda: _first_nodes(self.triples, material.events, config, generator),
        )
        shape = (self.triples.n_relations, config.dimension)
        # After a spectral start, what goes together is near already: no relation moves it yet.
        drawn = relations(generator, shape, config.start == "spectral")
        self.relations = tensor(drawn).requires_grad_()

    def loss(self, batch: TripleBatch, loss: Loss) -> torch.Tensor:
        """Return the loss of a batch plus l2 on the vectors of its nodes."""
        value = loss(self.scored(batch))
        if self._config.l2:
            touched = torch.cat((batch.heads, batch.tails))
            value = value + self._config.l2 * squared_length(self._rows, touched) / len(touched)
        return value

    def scored(self, batch: TripleBatch) -> ScoredTriples:
        """Return the scores of a batch, with tails and with heads that are not its own."""
        heads = self._rows.index_select(0, batch.heads)
        tails = self._rows.index_select(0, batch.tails)
        moves = self.relations.index_select(0, batch.relations)
        score = self._score
        others = (
            self._corrupted(
                batch.tails, batch, lambda rows, some: score.tails(heads[rows], moves[rows], some)
            ),
            self._corrupted(
                batch.heads, batch, lambda rows, some: score.heads(moves[rows], tails[rows], some)
            ),
        )
        own = score.own(heads, moves, tails)
        return ScoredTriples(own, torch.cat(others, dim=1), batch.weights)

    def _corrupted(self, ends: torch.Tensor, batch: TripleBatch, against: Against) -> torch.Tensor:
        """Return the scores with other nodes of the label in place of each end, ``(b, m)``."""
        labels = torch.bucketize(ends, tensor(np.array(self.triples.starts)), right=True)
        width = max(len(some) for some in batch.negatives)
        blocks, order = [], []
        for label, some in enumerate(batch.negatives):
            rows = torch.nonzero(labels == label).flatten()
            if len(rows):
                scores = against(rows, self._rows.index_select(0, some))
                scores = scores.masked_fill(some[None, :] == ends[rows][:, None], -torch.inf)
                blocks.append(F.pad(scores, (0, width - len(some)), value=-torch.inf))
                order.append(rows)
        return torch.cat(blocks).index_select(0, torch.argsort(torch.cat(order)))

    @property
    def _rows(self) -> RowLookup:
        return self._tables.by_row(self.nodes, "nodes")

    def embeddings(
        self,
        queries: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
        targets: Callable[[torch.Tensor], torch.Tensor],
        moves: Callable[[torch.Tensor], torch.Tensor] = torch.clone,
    ) -> Embeddings:
        """Return the served vectors; zeros where a node is in no triple.

        Args:
            queries: Vectors of users and of the relation that is served to what is stored.
            targets: Vectors of items and entities to what is stored.
            moves: Relations to what the mean is taken of, where events are of several kinds.
        """
        first_item, first_entity = self.triples.starts
        with torch.no_grad():
            served = self._mix @ moves(self.relations[: len(self._mix)])
            users = queries(self.nodes[:first_item], served)
            users = users * self._known[:first_item]
            others = array(targets(self.nodes[first_item:]) * self._known[first_item:])
        items, entities = np.split(others, [first_entity - first_item])
        beside = entities.copy() if self.triples.n_entities else None
        return Embeddings(array(users), items.copy(), beside)

    def score_tails(self, heads: Int64Array, relations: Int64Array) -> Float32Array:
        """Return the scores of every node as the tail, ``(b, n_nodes) float32``."""
        with torch.no_grad():
            ends, moves = self.nodes[tensor(heads)], self.relations[tensor(relations)]
            scores: Float32Array = array(self._score.tails(ends, moves, self.nodes))
        return scores

    def score_heads(self, relations: Int64Array, tails: Int64Array) -> Float32Array:
        """Return the scores of every node as the head, ``(b, n_nodes) float32``."""
        with torch.no_grad():
            ends, moves = self.nodes[tensor(tails)], self.relations[tensor(relations)]
            scores: Float32Array = array(self._score.heads(moves, ends, self.nodes))
        return scores

    def state(self) -> dict[str, torch.Tensor]:
        """Return the vectors of nodes and of relations."""
        return {"nodes": self.nodes, "relations": self.relations}


def facts_unless_left_out(config: RelationalConfig) -> Collection[ExtraData]:
    """Return what has to be pulled beside events."""
    wanted: tuple[ExtraData, ...] = ("facts",) if config.relations == "all" else ()
    return wanted


def _mix(triples: Triples, serve: str) -> torch.Tensor:
    """Return how much of each relation moves a user, ``(n_relations,)``, adding up to 1."""
    mix = np.zeros(triples.n_relations, dtype=np.float32)
    counts = triples.kind_counts()
    if serve:
        # A kind that weighs nothing has its name here, and no event that it was learned from.
        learned = [kind for kind, n in zip(triples.kinds, counts, strict=False) if n]
        if serve not in learned:
            raise UsageError(
                f"no event that is learned from is of the kind {serve}",
                hint="there are: " + (", ".join(learned) or "none"),
            )
        mix[triples.kinds.index(serve)] = 1.0
    else:
        mix[: len(counts)] = counts / max(1, counts.sum())
    return tensor(mix)


def _first_nodes(
    triples: Triples, events: Interactions, config: RelationalConfig, generator: np.random.Generator
) -> torch.Tensor:
    """Return the first vectors; after a spectral start, what has no event is near what it joins."""
    shape = (triples.n_nodes, config.dimension)
    if config.start == "normal" or not len(events):
        drawn = 0.1 * generator.standard_normal(shape)
        return tensor(drawn.astype(np.float32))
    vectors = np.zeros(shape, dtype=np.float32)
    first_entity = triples.starts[1]
    vectors[:first_entity] = array(first_vectors(events, config, generator))
    placed = np.zeros(len(vectors), dtype=np.bool_)
    placed[events.user], placed[triples.n_users + events.item] = True, True
    vectors[~placed] = 0.0
    total, count = np.zeros_like(vectors), np.zeros(len(vectors), dtype=np.float32)
    for one, other in ((triples.head, triples.tail), (triples.tail, triples.head)):
        near = placed[other] & ~placed[one]
        np.add.at(total, one[near], vectors[other[near]])
        np.add.at(count, one[near], 1.0)
    noise = generator.standard_normal((int((~placed).sum()), config.dimension))
    vectors[~placed] = (total / np.maximum(count, 1.0)[:, None])[~placed] + 0.01 * noise
    return tensor(vectors)

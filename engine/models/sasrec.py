"""SASRec (Kang and McAuley 2018): a user is what self-attention makes of its newest items.

x_t = √d e_t + p_t, blocks of causal self-attention (``causal_attention``), z_t = LN(x_t), and the
score of an item is z_t·e_i with the same table of items at both ends; p counts from the newest
event. With ``time_gaps`` the scores of attention gain b[head, ⌊log2 of the seconds between both
events⌋], as HSTU has it (Zhai et al. 2024). Trained on what comes next at every event, by sampled
softmax with negatives that a batch shares (Klenitskiy and Vasilev 2023; gSASRec, Petrov and
Macdonald 2023, says why one negative and binary cross-entropy rank badly). Where scores are cosines
e is of unit length, in the sum too, so that the vectors under the index are all that a user's
vector is made of; ``engine/data/sequence_encoder.py`` makes it at request time.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from engine.data import sequences
from engine.data.arrays import Float32Array
from engine.data.interactions import Interactions
from engine.data.model_options import Span, option
from engine.data.sequence_encoder import GAP_BUCKETS, buckets, positions
from engine.data.sequences import Sequences
from engine.models.causal_attention import (
    NOTHING_DROPPED,
    AttentionBlock,
    Dropping,
    NormWeights,
    check_heads,
)
from engine.models.collaborative import (
    VectorConfig,
    equal_cells,
    first_item_vectors,
    has_events,
    squared_length,
)
from engine.models.encoder import Embeddings, Loss, OwnNegatives, PairComparison
from engine.models.tensors import array, tensor
from engine.models.vector_tables import WHOLE, RowLookup, VectorTables

_AT_ONCE = 1_024


@dataclass(frozen=True)
class SASRecConfig(VectorConfig):
    """Settings of SASRec."""

    length: int = option(50, "newest events that are looked at", low=1, high=1_000, tune=(20, 50))
    layers: int = option(2, "blocks of self-attention", low=1, high=8, tune=Span(1, 3))
    heads: int = option(2, "heads of attention", low=1, high=16, tune=(1, 2, 4))
    hidden: int = option(128, "numbers inside of a block", low=1, high=4_096)
    dropout: float = option(0.2, "share of cells dropped", low=0, high=0.99, tune=Span(0.0, 0.5))
    time_gaps: bool = option(False, "let attention see how much time lies between events")
    target: str = option(
        "event",
        "what comes next: the next event, or one of the user's next moment, such as a basket",
        choices=("event", "moment"),
        tune=("event", "moment"),
    )

    def __post_init__(self) -> None:
        """Refuse heads that do not share the dimension evenly.

        Raises:
            UsageError: They do not.
        """
        check_heads(self.heads, self.dimension)


@dataclass(frozen=True)
class SequenceBatch:
    """Parts of users' sequences, and what comes next at their events.

    Attributes:
        sequences: Inputs, on the CPU.
        places: ``(p,) int64`` events that something comes after: row · width + place.
        positives: ``(p,) int64`` what comes after them.
        negatives: ``(m,) int64`` shared by the batch.
        weights: ``(p,)`` weight of each in the loss, or None when all weigh 1.
        draw: Seed of dropout.
        own_negatives: What users do not want beside what came next, or None.
    """

    sequences: Sequences
    places: torch.Tensor
    positives: torch.Tensor
    negatives: torch.Tensor
    weights: torch.Tensor | None = None
    draw: int = 0
    own_negatives: OwnNegatives | None = None


class SASRec:
    """Item vectors, and blocks that make a user's vector of them.

    Args:
        train: Events with times.
        config: Settings.
        generator: Draws the first vectors and weights.
        tables: Where the rows of vectors lie.

    Raises:
        DataError: An event has no time.
    """

    def __init__(
        self,
        train: Interactions,
        config: SASRecConfig,
        generator: np.random.Generator,
        tables: VectorTables = WHOLE,
    ) -> None:
        self.config, self._train, self._tables = config, train, tables
        sequences.refuse_untimed(train)
        self._known = has_events(train.item, train.n_items)
        self._vectors = tables.trained(
            "items", config.dimension, lambda: first_item_vectors(train, config, generator)
        )
        size = config.dimension
        drawn = 0.02 * generator.standard_normal((config.length, size))
        self._positions = tensor(drawn.astype(np.float32)).requires_grad_()
        self._blocks = [
            AttentionBlock.drawn(size, config.hidden, config.heads, generator)
            for _ in range(config.layers)
        ]
        self._norm = NormWeights.first(size)
        self._gaps = None
        if config.time_gaps:
            shape = (config.layers, config.heads, GAP_BUCKETS)
            self._gaps = torch.zeros(shape, requires_grad=True)

    def fit_step(self, batch: SequenceBatch, loss: Loss) -> torch.Tensor:
        """Return the loss of a batch plus l2 on the vectors of what came next."""
        draw = torch.Generator(device="cpu").manual_seed(batch.draw)
        rows = self._tables.by_row
        items = rows(self._items(), "items")
        hidden = self.hidden(items, batch.sequences, Dropping(self.config.dropout, draw))
        users = self._scored(hidden.flatten(0, 1).index_select(0, batch.places))
        positives, negatives = (
            items.index_select(0, some) for some in (batch.positives, batch.negatives)
        )
        same = equal_cells(batch.positives, batch.negatives)
        own = batch.own_negatives
        unwanted = None if own is None else items.index_select(0, own.items)
        beside = (batch.weights, None, unwanted, own)
        value = loss(PairComparison(users, positives, negatives, same, *beside))
        if self.config.l2:
            squares = squared_length(rows(self._vectors, "items"), batch.positives)
            value = value + self.config.l2 * squares / (2 * len(batch.positives))
        return value

    def encode(self) -> Embeddings:
        """Return the vectors; zeros where there was no event to learn from."""
        with torch.no_grad():
            items = self._items() * self._known
            users = [
                self._users(items, _rows(self._newest, start))
                for start in range(0, len(self._newest), _AT_ONCE)
            ]
        empty = np.zeros((0, self.config.dimension), dtype=np.float32)
        return Embeddings(np.concatenate([empty, *users]), array(items).copy())

    def state(self) -> dict[str, torch.Tensor]:
        """Return the item vectors, positions, and the weights of each block from 0 on."""
        named = {"vectors": self._vectors, "positions": self._positions}
        for number, block in enumerate(self._blocks):
            named |= {f"{number}.{name}": one for name, one in block.state().items()}
        named |= {"norm.weight": self._norm.weight, "norm.bias": self._norm.bias}
        return named if self._gaps is None else named | {"gaps": self._gaps}

    def hidden(
        self, items: RowLookup, inputs: Sequences, dropping: Dropping = NOTHING_DROPPED
    ) -> torch.Tensor:
        """Return z at every event, ``(n, width, d)``, as it is before it is brought to unit length.

        Args:
            items: ``(n_items, d)`` vectors, as they are scored.
            inputs: Sequences of at most ``length`` events.
            dropping: What dropout drops.
        """
        n, width = inputs.items.shape
        size = self.config.dimension
        places = positions(inputs.counts, width, self.config.length)
        own = items.index_select(0, tensor(inputs.items.ravel()))
        where = self._positions.index_select(0, tensor(places.ravel()))
        values = dropping((own * size**0.5 + where).reshape(n, width, size))
        masks = self._masks(inputs)
        for block, mask in zip(self._blocks, masks, strict=True):
            values = block(values, mask, dropping)
        return self._norm(values)

    @cached_property
    def _newest(self) -> Sequences:
        return sequences.newest(self._train, self.config.length)

    def _masks(self, inputs: Sequences) -> list[torch.Tensor | None]:
        """Return what each block adds to its scores, -inf for what is later."""
        if self._gaps is None:
            return [None] * len(self._blocks)
        n, width = inputs.items.shape
        flat = tensor(buckets(inputs.at).ravel())
        later = tensor(~np.tri(width, dtype=np.bool_))
        return [
            of_layer.index_select(1, flat)
            .reshape(-1, n, width, width)
            .transpose(0, 1)
            .masked_fill(later, -torch.inf)
            for of_layer in self._gaps
        ]

    def _users(self, items: torch.Tensor, inputs: Sequences) -> Float32Array:
        hidden = self.hidden(items, inputs)
        last = tensor(np.maximum(inputs.counts - 1, 0))
        found = self._scored(hidden[torch.arange(len(last)), last])
        vectors: Float32Array = array(found * tensor(inputs.counts > 0)[:, None])
        return vectors

    def _items(self) -> torch.Tensor:
        return self._scored(self._vectors)

    def _scored(self, vectors: torch.Tensor) -> torch.Tensor:
        cosine = self.config.scoring == "cosine"
        return torch.nn.functional.normalize(vectors, dim=-1) if cosine else vectors


def _rows(all_of: Sequences, start: int) -> Sequences:
    rows = slice(start, start + _AT_ONCE)
    counts = all_of.counts[rows]
    width = int(counts.max(initial=1))
    return Sequences(all_of.items[rows, :width], all_of.at[rows, :width], counts)

"""Batch parts: what one process does of a batch that all of them draw.

Every process draws the whole batch, by the seed and the step's number alone: so any number of
processes does the same steps, with the same negatives, and a training that was stopped goes on in
another number of them. Pairs go to who holds their user, triples and sequences in turn.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from engine.data.sequences import Sequences
from engine.models.encoder import Batch, OwnNegatives
from engine.models.registry_entries import BatchKind
from engine.models.relational import TripleBatch
from engine.models.sasrec import SequenceBatch
from engine.models.tensors import array, tensor
from engine.models.vector_tables import RowsOf
from engine.training.batches import BatchSource
from engine.training.processes.row_shares import RowShares
from engine.training.processes.sharded_tables import Layouts


@dataclass(frozen=True)
class BatchPart:
    """What one process does of a batch.

    Attributes:
        batch: Its own rows of it, at least one; the negatives are those of all.
        share: By which its mean counts in the mean of the batch; the shares of all add up to 1.
        touched: Rows that the model looks up for it.
    """

    batch: Any
    share: float
    touched: Mapping[RowsOf, torch.Tensor]


@dataclass(frozen=True)
class OwnBatches:
    """The parts of a source's batches that one process does.

    Attributes:
        whole: Draws the batches.
        part: Takes the part of one.
    """

    whole: BatchSource[Any]
    part: Callable[[Any], BatchPart]

    @property
    def steps(self) -> int:
        """Batches per epoch."""
        return self.whole.steps

    def batch(self, epoch: int, step: int) -> BatchPart:
        """Return this process's part of one batch."""
        return self.part(self.whole.batch(epoch, step))


def own_batches(
    kind: BatchKind, whole: BatchSource[Any], layouts: Layouts, rank: int
) -> OwnBatches:
    """Return the parts of batches that the process of a rank does."""
    if kind == "pairs":
        return OwnBatches(whole, lambda batch: pairs_of(batch, layouts["users"], rank))
    size = layouts["items"].size
    if kind == "triples":
        return OwnBatches(whole, lambda batch: triples_of(batch, rank, size))
    return OwnBatches(whole, lambda batch: sequences_of(batch, rank, size))


def pairs_of(whole: Batch, users: RowShares, rank: int) -> BatchPart:
    """Return the pairs whose user the process holds."""
    held = users.stretch(0, rank)
    rows, share = _rows((whole.users >= held.start) & (whole.users < held.stop))
    batch = replace(
        whole,
        users=whole.users[rows],
        positives=whole.positives[rows],
        weights=None if whole.weights is None else whole.weights[rows],
        own_negatives=_own_negatives_of(whole.own_negatives, rows),
    )
    n_users = users.n_rows
    named = [batch.positives, batch.negatives.flatten()]
    if batch.own_negatives is not None:
        named.append(batch.own_negatives.items)
    items = torch.cat(named)
    touched: dict[RowsOf, torch.Tensor] = {
        "nodes": torch.cat((batch.users, items + n_users)),
        "users": batch.users,
        "items": items,
    }
    return BatchPart(batch, share, touched)


def triples_of(whole: TripleBatch, rank: int, size: int) -> BatchPart:
    """Return every ``size``-th triple."""
    rows, share = _rows(torch.arange(len(whole.heads)) % size == rank)
    batch = replace(
        whole,
        heads=whole.heads[rows],
        relations=whole.relations[rows],
        tails=whole.tails[rows],
        weights=None if whole.weights is None else whole.weights[rows],
    )
    return BatchPart(
        batch, share, {"nodes": torch.cat((batch.heads, batch.tails, *batch.negatives))}
    )


def sequences_of(whole: SequenceBatch, rank: int, size: int) -> BatchPart:
    """Return every ``size``-th sequence, with dropout of its own."""
    inputs, width = whole.sequences, whole.sequences.items.shape[1]
    row = whole.places // width
    places, share = _rows(row % size == rank)
    # The sequence that a place is borrowed from, where the process has none of its own.
    first = int(row[places[0]]) if share == 0 else rank
    step = len(inputs) if share == 0 else size
    taken = slice(first, None, step)
    own = Sequences(inputs.items[taken], inputs.at[taken], inputs.counts[taken])
    batch = replace(
        whole,
        sequences=own,
        places=(row[places] - first) // step * width + whole.places[places] % width,
        positives=whole.positives[places],
        weights=None if whole.weights is None else whole.weights[places],
        draw=whole.draw + rank,
        own_negatives=_own_negatives_of(whole.own_negatives, places),
    )
    named = [tensor(own.items.ravel()), batch.positives, batch.negatives]
    if batch.own_negatives is not None:
        named.append(batch.own_negatives.items)
    return BatchPart(batch, share, {"items": torch.cat(named)})


def _own_negatives_of(whole: OwnNegatives | None, rows: torch.Tensor) -> OwnNegatives | None:
    """Return those of some pairs, numbered as these are."""
    if whole is None:
        return None
    held = torch.isin(whole.pairs, rows)
    if not held.any():
        return None
    pairs = torch.searchsorted(rows, whole.pairs[held])
    return OwnNegatives(pairs, whole.items[held], whole.weights[held])


def _rows(own: torch.Tensor) -> tuple[torch.Tensor, float]:
    """Return which rows are done, and their share; where none is, the first one with a share of 0.

    A mean of nothing is not a number, and every process takes part in every exchange.
    """
    rows = np.flatnonzero(array(own))
    share = len(rows) / max(1, len(own))
    return tensor(rows if len(rows) else np.zeros(1, dtype=np.int64)), share

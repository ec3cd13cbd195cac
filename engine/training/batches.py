"""Batches: the training pairs in a new order every epoch."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import torch

from engine.data.arrays import Float32Array, Float64Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.negative_feedback import NegativeFeedback
from engine.data.signals import MILLISECONDS_PER_DAY
from engine.models.encoder import Batch
from engine.models.tensors import tensor
from engine.training import negatives, seed
from engine.training.own_negatives import OwnNegativeSampler

BatchT_co = TypeVar("BatchT_co", covariant=True)


class BatchSource(Protocol[BatchT_co]):
    """Where the batches of an epoch come from.

    Batch ``(epoch, step)`` is a function of those two numbers and of the seed alone, so that a run
    which continues sees what an unbroken one sees.
    """

    @property
    def steps(self) -> int:
        """PairBatches per epoch."""

    def batch(self, epoch: int, step: int) -> BatchT_co:
        """Return one batch."""


@dataclass(frozen=True)
class Sampling:
    """How batches are drawn.

    Attributes:
        size: Pairs per batch.
        negatives: ``uniform``, ``in-batch`` or ``both``.
        count: Uniform negatives per batch.
        half_life_days: A pair weighs 2^(-age / half-life) in the loss; 0: all weigh the same.
        shuffle: ``pairs``, or ``users``, whose pairs then stay together.
        unwanted: What users do not want: some of it is a negative of their own pairs.
    """

    size: int
    negatives: str
    count: int
    seed: int
    half_life_days: float = 0.0
    shuffle: str = "pairs"
    unwanted: NegativeFeedback | None = None


class PairBatches:
    """Pairs that happened, each once, however often it happened.

    Args:
        train: Where pairs come from.
        sampling: How they are drawn.
    """

    def __init__(self, train: Interactions, sampling: Sampling) -> None:
        matrix = train.csr(binary=True)
        # Held in 32 bits, half of what the numbers of a batch are made to.
        self._users = np.repeat(np.arange(train.n_users, dtype=np.int32), np.diff(matrix.indptr))
        self._items = matrix.indices.astype(np.int32, copy=False)
        self._present = np.flatnonzero(train.item_counts() > 0)
        self._sampling = sampling
        self._weights: torch.Tensor | None = None
        if sampling.half_life_days > 0:
            weights = recency(train, sampling.half_life_days)
            self._weights = tensor(weights)
        self._own = OwnNegativeSampler(sampling.unwanted, train, sampling.seed)
        self._epoch = -1
        self._order = np.empty(0, dtype=np.int64)

    @property
    def steps(self) -> int:
        """PairBatches per epoch."""
        return max(1, -(-len(self._users) // self._sampling.size))

    def batch(self, epoch: int, step: int) -> Batch:
        """Return one batch; the last of an epoch may be smaller."""
        if epoch != self._epoch:
            self._order, self._epoch = self._shuffled(epoch), epoch
        # In ascending order, which has the pairs of a user side by side: losses count on runs.
        chosen = np.sort(self._order[step * self._sampling.size : (step + 1) * self._sampling.size])
        positives = tensor(self._items[chosen].astype(np.int64))
        users = self._users[chosen].astype(np.int64)
        return Batch(
            users=tensor(users),
            positives=positives,
            negatives=negatives.draw(
                self._sampling.negatives,
                self._present,
                self._sampling.count,
                positives,
                seed.generator(self._sampling.seed, "negatives", epoch, step),
            ),
            weights=None if self._weights is None else self._weights[tensor(chosen)],
            draw=int(seed.generator(self._sampling.seed, "model", epoch, step).integers(2**62)),
            own_negatives=self._own.draw(users, epoch, step),
        )

    def _shuffled(self, epoch: int) -> Int64Array:
        """Return the numbers of all pairs in the order of an epoch."""
        draw = seed.generator(self._sampling.seed, "order", epoch)
        if self._sampling.shuffle == "pairs":
            return draw.permutation(len(self._users))
        place = draw.permutation(int(self._users.max(initial=-1)) + 1)
        return np.argsort(place[self._users], kind="stable")


def recency(train: Interactions, half_life_days: float) -> Float32Array:
    """Return the weight of every pair by its newest event, in the order of ``csr()``; mean 1."""
    order = np.lexsort((train.at, train.item, train.user))
    key = train.user[order].astype(np.int64) * train.n_items + train.item[order]
    newest = train.at[order[np.append(key[1:] != key[:-1], True)]]
    return decayed(newest, int(train.at.max(initial=0)), half_life_days)


def decayed(at: Int64Array, now: int, half_life_days: float) -> Float32Array:
    """Return 2^(-age / half-life) of some moments, 1 where there is none, brought to mean 1."""
    age_days = (now - at) / MILLISECONDS_PER_DAY
    weights: Float64Array = np.where(at > 0, np.exp2(-age_days / half_life_days), 1.0)
    scaled: Float32Array = (weights / weights.mean()).astype(np.float32)
    return scaled

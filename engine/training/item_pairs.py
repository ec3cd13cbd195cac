"""Item pairs: two items of one user, as query and positive, with negatives."""

from typing import Protocol

import numpy as np

from engine.data.arrays import Float32Array, Float64Array, Int64Array
from engine.data.interactions import Interactions
from engine.errors import DataError
from engine.models.pinsage import ItemPairs, PinSageConfig
from engine.models.tensors import tensor
from engine.training import negatives, seed
from engine.training.batches import Sampling, decayed, recency


class PairsOfUsers(Protocol):
    """All pairs of an epoch; as many in every epoch."""

    def __len__(self) -> int:
        """How many there are."""

    def drawn(
        self, generator: np.random.Generator
    ) -> tuple[Int64Array, Int64Array, Float32Array | None]:
        """Return queries, positives and weights, ``(len(self),)`` each."""


class Consecutive:
    """Items that a user had one after the other.

    Those of one moment, such as a basket, come in a new order in every epoch. The same item twice
    is no pair: it weighs nothing.

    Args:
        train: Events with times.
        half_life_days: A pair weighs 2^(-age / half-life), of its second event; 0: all alike.

    Raises:
        DataError: An event has no time, or nobody had two items.
    """

    def __init__(self, train: Interactions, half_life_days: float) -> None:
        if not (train.at > 0).all():
            raise DataError(
                "some events have no time, so no item comes after another",
                hint="use --set pairs=together, or load a timestamp column",
            )
        self._train, self._half_life = train, half_life_days
        order = self._order(np.zeros(len(train)))
        same_user = train.user[order[1:]] == train.user[order[:-1]]
        self._places = np.flatnonzero(same_user)
        if not len(self._places):
            raise DataError("no user had two items", hint="load more events first")

    def __len__(self) -> int:
        return len(self._places)

    def drawn(
        self, generator: np.random.Generator
    ) -> tuple[Int64Array, Int64Array, Float32Array | None]:
        """Return queries, positives and weights."""
        order, items = self._order(generator.random(len(self._train))), self._train.item
        before, after = order[self._places], order[self._places + 1]
        queries, positives = items[before].astype(np.int64), items[after].astype(np.int64)
        weights = (queries != positives).astype(np.float32)
        if self._half_life:
            at = self._train.at
            weights *= decayed(at[after], int(at.max()), self._half_life)
        return queries, positives, weights

    def _order(self, ties: Float64Array) -> Int64Array:
        # Without ties by row first, one moment's order would be the store's.
        return np.lexsort((self._train.item, ties, self._train.at, self._train.user))


class Together:
    """Any two items of a user: every pair that happened is a query, its positive is drawn.

    Args:
        train: Events; a pair counts once.
        half_life_days: A query weighs 2^(-age / half-life); 0: all weigh alike.

    Raises:
        DataError: Nobody had two items.
    """

    def __init__(self, train: Interactions, half_life_days: float) -> None:
        matrix = train.csr(binary=True)
        degree = np.diff(matrix.indptr).astype(np.int64)
        user = np.repeat(np.arange(train.n_users), degree)
        self._items, self._degree = matrix.indices.astype(np.int64), degree[user]
        self._first = matrix.indptr[:-1].astype(np.int64)[user]
        self._places = np.flatnonzero(self._degree > 1)
        if not len(self._places):
            raise DataError("no user had two items", hint="load more events first")
        self._weights = None
        if half_life_days:
            self._weights = recency(train, half_life_days)[self._places]

    def __len__(self) -> int:
        return len(self._places)

    def drawn(
        self, generator: np.random.Generator
    ) -> tuple[Int64Array, Int64Array, Float32Array | None]:
        """Return queries, positives and weights."""
        place = self._places
        first, degree = self._first[place], self._degree[place]
        other = first + (place - first + generator.integers(1, degree)) % degree
        return self._items[place], self._items[other], self._weights


class ItemPairBatches:
    """Pairs of items in a new order every epoch, with shared and hard negatives.

    At epoch n, counted from 1, a query has n - 1 hard negatives, as many as the config allows.

    Args:
        train: Where pairs come from.
        config: Of the model: what makes a pair, which ranks are hard.
        sampling: How batches are drawn.

    Raises:
        DataError: There is no pair of that kind.
    """

    def __init__(self, train: Interactions, config: PinSageConfig, sampling: Sampling) -> None:
        kind = Consecutive if config.pairs == "consecutive" else Together
        self._pairs: PairsOfUsers = kind(train, max(0.0, sampling.half_life_days))
        self._present = np.flatnonzero(train.item_counts() > 0)
        self._config, self._sampling, self._epoch = config, sampling, -1
        self._drawn: tuple[Int64Array, Int64Array, Float32Array | None]

    @property
    def steps(self) -> int:
        """Batches per epoch."""
        return -(-len(self._pairs) // self._sampling.size)

    def batch(self, epoch: int, step: int) -> ItemPairs:
        """Return one batch; the last of an epoch may be smaller."""
        if epoch != self._epoch:
            self._drawn, self._epoch = self._pairs_of(epoch), epoch
        chosen = slice(step * self._sampling.size, (step + 1) * self._sampling.size)
        queries, positives = (tensor(one[chosen]) for one in self._drawn[:2])
        weights = self._drawn[2]
        draw = seed.generator(self._sampling.seed, "negatives", epoch, step)
        hard = min(epoch, self._config.hard_most)
        band = self._config.hard_from, self._config.hard_to
        ranks = seed.generator(self._sampling.seed, "hard", epoch, step).integers(
            *band, (len(queries), hard)
        )
        return ItemPairs(
            queries=queries,
            positives=positives,
            negatives=negatives.draw(
                self._sampling.negatives, self._present, self._sampling.count, positives, draw
            ),
            ranks=tensor(ranks),
            weights=None if weights is None else tensor(weights[chosen]),
        )

    def _pairs_of(self, epoch: int) -> tuple[Int64Array, Int64Array, Float32Array | None]:
        queries, positives, weights = self._pairs.drawn(
            seed.generator(self._sampling.seed, "item pairs", epoch)
        )
        order = seed.generator(self._sampling.seed, "order", epoch).permutation(len(queries))
        return queries[order], positives[order], None if weights is None else weights[order]

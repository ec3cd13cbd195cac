"""Sequences: what each user had, oldest first, as arrays of one width.

A row holds its events from the left and is empty behind them, so that under a causal mask no event
sees an empty place. Events of one moment have no order: they come by a number that the caller
draws, or by the row of their item.
"""

from dataclasses import dataclass

import numpy as np

from engine.data.arrays import BoolArray, Float64Array, Int64Array
from engine.data.interactions import Interactions
from engine.errors import DataError


@dataclass(frozen=True, eq=False)
class Sequences:
    """Some sequences, a row each.

    Attributes:
        items: ``(n, width) int64`` rows of items; 0 where a row is empty.
        at: ``(n, width) int64`` epoch milliseconds; 0 where a row is empty.
        counts: ``(n,) int64`` events of each row.
    """

    items: Int64Array
    at: Int64Array
    counts: Int64Array

    @classmethod
    def taken(
        cls, items: Int64Array, at: Int64Array, first: Int64Array, counts: Int64Array
    ) -> "Sequences":
        """Return rows of columns: of each, ``counts`` events from the place ``first`` on."""
        width = int(counts.max(initial=1))
        inside = np.arange(width) < counts[:, None]
        places = np.where(inside, first[:, None] + np.arange(width), 0)
        if not len(items):
            return cls(np.zeros_like(places), np.zeros_like(places), counts)
        return cls(np.where(inside, items[places], 0), np.where(inside, at[places], 0), counts)

    @property
    def inside(self) -> BoolArray:
        """Which places hold an event, ``(n, width)``."""
        return np.arange(self.items.shape[1]) < self.counts[:, None]

    def __len__(self) -> int:
        return len(self.counts)


def refuse_untimed(train: Interactions) -> None:
    """Refuse events that have no order.

    Raises:
        DataError: An event has no time.
    """
    if not (train.at > 0).all():
        raise DataError(
            f"{int((train.at <= 0).sum())} of {len(train)} events have no time, so no item comes "
            "after another",
            hint="load a timestamp column, or train a model that needs none: engine models",
        )


def order(train: Interactions, ties: Float64Array | None = None) -> Int64Array:
    """Return the places of events by user, time, and what orders those of one moment.

    Args:
        train: Events with times.
        ties: ``(n,)`` numbers that order events of one moment; None: by the rows of their items.

    Raises:
        DataError: An event has no time.
    """
    refuse_untimed(train)
    # Rows last: without them one moment's order would be the store's.
    keys = (train.item, train.at, train.user)
    return np.lexsort(keys if ties is None else (train.item, ties, *keys[1:]))


def newest(train: Interactions, length: int) -> Sequences:
    """Return the newest events of every user, at most ``length``, ``(n_users, width)``.

    Raises:
        DataError: An event has no time.
    """
    placed = order(train)
    counts = np.bincount(train.user, minlength=train.n_users).astype(np.int64)
    kept = np.minimum(counts, length)
    items, at = train.item[placed].astype(np.int64), train.at[placed]
    return Sequences.taken(items, at, np.cumsum(counts) - kept, kept)

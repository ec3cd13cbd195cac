"""Impressions of items: what stood in users' lists, at which position, and what they never took.

Who does not take the twentieth item of a list has mostly not looked at it. Under the position-based
model (Joachims, Swaminathan, Schnabel: Unbiased learning-to-rank with biased feedback, 2017) an
item is taken with the chance p_k · r: p_k that position k is looked at, its propensity, and r that
the item is wanted. By inverse propensities (also Schnabel et al.: Recommendations as treatments,
2016) r is Σ taken / Σ p_k over the times it was shown: it takes 1 / p_k times at position k to say
as much as one at the first. So what was never taken has Σ p_k against it.

p_k is by the positions' own rates: of what stood at k the share that was taken, over that of the
first position. Where the better items stand first, that is less than the chance to be looked at,
and low positions count too little rather than too much.
"""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from engine.data.arrays import BoolArray, Float64Array, Int32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.negative_feedback import NegativeFeedback

WINDOW_DAYS = 7
"""What is taken later was not taken from the list; nor is a younger list looked at yet."""
LEAST_PROPENSITY = 0.01
"""A propensity below counts as this, and one above 1 as 1: rates of few events are noise."""
ENOUGH_SHOWN = 100
"""A position where fewer items stood has the propensity of the one before."""
_WINDOW_SECONDS = WINDOW_DAYS * 86_400


@dataclass(frozen=True, eq=False)
class ItemImpressions:
    """Every time that an item was shown, as parallel columns.

    Attributes:
        user: ``(n,) int32`` rows of users.
        item: ``(n,) int32`` rows of items.
        position: ``(n,) int32``, 1 for the best.
        at: ``(n,) int64``, when the list was answered, epoch milliseconds.
    """

    user: Int32Array
    item: Int32Array
    position: Int32Array
    at: Int64Array

    def __len__(self) -> int:
        return len(self.user)

    def select(self, mask: BoolArray) -> "ItemImpressions":
        """Keep the times where ``mask`` is true."""
        return ItemImpressions(self.user[mask], self.item[mask], self.position[mask], self.at[mask])

    def settled(self, newest: int) -> "ItemImpressions":
        """Return the times whose window is over at a moment, epoch milliseconds."""
        return self.select(self.at // 1_000 + _WINDOW_SECONDS <= newest // 1_000)

    def taken(self, events: Interactions) -> BoolArray:
        """Return which times were followed by an event of the user on the item, ``(n,) bool``."""
        shown = self.user.astype(np.int64) * events.n_items + self.item
        had = events.user.astype(np.int64) * events.n_items + events.item
        rank = np.unique(np.concatenate((shown, had)), return_inverse=True)[1]
        # An event from before 1970 would lie among those of another pair.
        moments = np.maximum(np.concatenate((self.at, events.at)), 0) // 1_000
        span = int(moments.max(initial=0)) + _WINDOW_SECONDS + 1
        places = rank.reshape(-1) * span + moments
        begins, when = places[: len(self)], np.sort(places[len(self) :])
        # A span has room for a window behind its last moment, so none ends in the next pair.
        after = np.searchsorted(when, begins, side="left")
        until = np.searchsorted(when, begins + _WINDOW_SECONDS, side="right")
        found: BoolArray = until > after
        return found

    def untaken(self, events: Interactions) -> NegativeFeedback:
        """Return the pairs that were shown and have no event, each by Σ p_k, at most 1.

        Args:
            events: What is known. No window that ends after the newest of them is looked at.
        """
        known = self.settled(int(events.at.max(initial=0)))
        likely = propensities(known.position, known.taken(events))
        shown = known.user.astype(np.int64) * events.n_items + known.item
        pairs, pair = np.unique(shown, return_inverse=True)
        weight = np.bincount(pair.reshape(-1), likely[known.position], minlength=len(pairs))
        had = events.user.astype(np.int64) * events.n_items + events.item
        never = ~np.isin(pairs, had)
        user, item = np.divmod(pairs[never], max(1, events.n_items))
        return NegativeFeedback.of(user, item, np.minimum(weight[never], 1.0), 0)

    def digest(self) -> bytes:
        """Return what two equal sets have in common, and no others."""
        digest = blake2b(digest_size=12)
        columns = (self.at, self.position, self.item, self.user)
        order = np.lexsort(columns)
        for column in columns:
            digest.update(column[order].tobytes())
        return digest.digest()


def propensities(position: Int32Array, taken: BoolArray) -> Float64Array:
    """Return the propensity of every position, ``(highest position + 1,) float64``.

    That of the first position is 1, and of all where nothing was taken there, or too little shown.

    Args:
        position: ``(n,)``, where something stood; 1 for the best.
        taken: ``(n,)``, whether it was taken.
    """
    shown = np.bincount(position, minlength=2)
    rates = np.bincount(position, taken, minlength=2) / np.maximum(shown, 1)
    if shown[1] < ENOUGH_SHOWN or rates[1] == 0:
        return np.ones(len(shown))
    enough = np.where(shown >= ENOUGH_SHOWN, np.arange(len(shown)), 1)
    found: Float64Array = rates[np.maximum.accumulate(enough)] / rates[1]
    return np.clip(found, LEAST_PROPENSITY, 1.0)

"""Negative feedback: items that users do not want, and how much each counts against them.

A model never takes such a pair for one that happened, and one that samples negatives is given some
of a user's own (``engine/training/own_negatives.py``).
"""

from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from engine.data.arrays import BoolArray, Float32Array, Int32Array, Int64Array
from engine.data.interactions import Interactions


@dataclass(frozen=True, eq=False)
class NegativeFeedback:
    """Pairs of a user and an item as parallel columns, each pair once, sorted by (user, item).

    Attributes:
        user: ``(n,) int32`` rows of users.
        item: ``(n,) int32`` rows of items.
        weight: ``(n,) float32``, above 0.
        at: ``(n,) int64``, when it was known, epoch milliseconds; 0: at no known time.
    """

    user: Int32Array
    item: Int32Array
    weight: Float32Array
    at: Int64Array

    @classmethod
    def of(
        cls, user: npt.ArrayLike, item: npt.ArrayLike, weight: npt.ArrayLike, at: npt.ArrayLike
    ) -> "NegativeFeedback":
        """Return pairs in order; of one that is given twice, the first that was known."""
        user, item = np.asarray(user, dtype=np.int32), np.asarray(item, dtype=np.int32)
        at = np.broadcast_to(at, user.shape).astype(np.int64)
        weight = np.broadcast_to(weight, user.shape).astype(np.float32)
        order = np.lexsort((at, item, user))
        user, item = user[order], item[order]
        first = np.append(True, (np.diff(user) != 0) | (np.diff(item) != 0))[: len(user)]
        return cls(user[first], item[first], weight[order][first], at[order][first])

    def __len__(self) -> int:
        return len(self.user)

    def select(self, mask: BoolArray) -> "NegativeFeedback":
        """Keep the pairs where ``mask`` is true."""
        return NegativeFeedback(self.user[mask], self.item[mask], self.weight[mask], self.at[mask])

    def joined(self, others: "NegativeFeedback") -> "NegativeFeedback":
        """Return these pairs, and those of ``others`` that are none of them."""
        new = others.select(~others.named_in(self.user, self.item))
        return NegativeFeedback.of(
            np.concatenate((self.user, new.user)),
            np.concatenate((self.item, new.item)),
            np.concatenate((self.weight, new.weight)),
            np.concatenate((self.at, new.at)),
        )

    def times(self, factor: float) -> "NegativeFeedback":
        """Return the pairs with their weights times a factor."""
        return replace(self, weight=self.weight * np.float32(factor))

    def known_with(self, events: Interactions, newest: int) -> "NegativeFeedback":
        """Return what was known when the last of some events happened.

        Args:
            events: What is trained on.
            newest: When the newest event of all happened: who knows it, knows everything.
        """
        until = int(events.at.max(initial=0))
        return self if until >= newest else self.select(self.at <= until)

    def named_in(self, user: Int32Array, item: Int32Array) -> BoolArray:
        """Return which of these pairs are among some others, ``(n,) bool``."""
        return _among(_keys(self.user, self.item), _keys(user, item))

    def left_out_of(self, events: Interactions) -> Interactions:
        """Return the events on other pairs than these."""
        if not len(self):
            return events
        named = _among(_keys(events.user, events.item), _keys(self.user, self.item))
        return events.select(~named) if named.any() else events

    def digest(self) -> bytes:
        """Return what two equal sets have in common, and no others."""
        digest = blake2b(digest_size=12)
        for column in (self.user, self.item, self.weight, self.at):
            digest.update(np.ascontiguousarray(column).tobytes())
        return digest.digest()


def _keys(user: Int32Array, item: Int32Array) -> Int64Array:
    return user.astype(np.int64) << 32 | item.astype(np.int64)


def _among(keys: Int64Array, others: Int64Array) -> BoolArray:
    return np.isin(keys, others)

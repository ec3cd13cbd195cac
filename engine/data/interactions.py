"""Interactions: the events of the graph as columns, ready for NumPy and PyTorch."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.data.arrays import BoolArray, Float32Array, Float64Array, Int32Array, Int64Array
from engine.data.vocabulary import Vocabulary

if TYPE_CHECKING:
    from scipy import sparse


@dataclass(frozen=True, eq=False)
class Interactions:
    """Events as parallel columns, sorted by (user, at).

    Attributes:
        users: Row number of every user.
        items: Row number of every item.
        user: ``(n,) int32`` rows of ``users``.
        item: ``(n,) int32`` rows of ``items``.
        weight: ``(n,) float32``.
        at: ``(n,) int64`` epoch milliseconds UTC; 0 when the event has no time.
        event: ``(n,) int16`` positions in ``events``.
        events: Names of the kinds of event.
        kind_weights: What an event of each kind counts where events are counted, beside ``events``;
            empty: 1 each.
    """

    users: Vocabulary
    items: Vocabulary
    user: Int32Array
    item: Int32Array
    weight: Float32Array
    at: Int64Array
    event: npt.NDArray[np.int16]
    events: tuple[str, ...]
    kind_weights: tuple[float, ...] = ()

    @classmethod
    def of(
        cls,
        users: Vocabulary,
        items: Vocabulary,
        user: npt.ArrayLike,
        item: npt.ArrayLike,
        *,
        weight: npt.ArrayLike = 1.0,
        at: npt.ArrayLike = 0,
        event: npt.ArrayLike = 0,
        events: tuple[str, ...] = ("interaction",),
    ) -> "Interactions":
        """Return events in any order as columns in theirs; a single number holds for all."""
        user, at = np.asarray(user), np.broadcast_to(at, np.shape(user))
        order = np.lexsort((at, user))
        return cls(
            users,
            items,
            user[order].astype(np.int32),
            np.asarray(item)[order].astype(np.int32),
            np.broadcast_to(weight, user.shape)[order].astype(np.float32),
            at[order].astype(np.int64),
            np.broadcast_to(event, user.shape)[order].astype(np.int16),
            events,
        )

    def __len__(self) -> int:
        return len(self.user)

    @property
    def n_users(self) -> int:
        """Number of users, those without an event included."""
        return len(self.users)

    @property
    def n_items(self) -> int:
        """Number of items, those without an event included."""
        return len(self.items)

    def select(self, mask: BoolArray) -> "Interactions":
        """Keep the events where ``mask`` is true; vocabularies, and so rows, stay."""
        return replace(
            self,
            user=self.user[mask],
            item=self.item[mask],
            weight=self.weight[mask],
            at=self.at[mask],
            event=self.event[mask],
        )

    def joined(self, other: "Interactions") -> "Interactions":
        """Return these events and then those of ``other``, which has the same vocabularies."""
        return replace(
            self,
            user=np.concatenate((self.user, other.user)),
            item=np.concatenate((self.item, other.item)),
            weight=np.concatenate((self.weight, other.weight)),
            at=np.concatenate((self.at, other.at)),
            event=np.concatenate((self.event, other.event)),
        )

    def csr(self, *, binary: bool = False) -> "sparse.csr_array":
        """Return the user x item matrix ``(n_users, n_items) float32``.

        Args:
            binary: 1 for every pair with an event; otherwise the weights of a pair are added up.
        """
        from scipy import sparse  # noqa: PLC0415 a list of one user needs no matrix

        matrix = sparse.csr_array(
            (self.weight.astype(np.float32), (self.user, self.item)),
            shape=(self.n_users, self.n_items),
        )
        matrix.sum_duplicates()
        if binary:
            matrix.data[:] = 1.0
        return matrix

    def item_counts(self) -> Int64Array:
        """Return the number of events on each item, ``(n_items,) int64``."""
        return np.bincount(self.item, minlength=self.n_items).astype(np.int64)

    def counted(self) -> Float64Array:
        """Return what each event counts where events are counted, ``(n,) float64``."""
        if not self.kind_weights:
            return np.ones(len(self), dtype=np.float64)
        return np.array(self.kind_weights, dtype=np.float64)[self.event]

    def item_weights(self) -> Float64Array:
        """Return what the events on each item count together, ``(n_items,) float64``."""
        if not self.kind_weights:
            return self.item_counts().astype(np.float64)
        return np.bincount(self.item, self.counted(), self.n_items).astype(np.float64)

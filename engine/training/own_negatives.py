"""Own negatives: of the items that a user does not want, one for each of the user's pairs.

They come beside the negatives that a batch shares, which say nothing of a user. A pair's loss gets
a second term, w times the same loss of the pair against that one item, w being the item's weight
for the user (``engine.training.losses``).
"""

import numpy as np

from engine.data.arrays import BoolArray, Int64Array
from engine.data.negative_feedback import NegativeFeedback
from engine.models.encoder import OwnNegatives
from engine.models.tensors import tensor


class OwnNegativeSampler:
    """Draws an item of negative feedback for every pair whose user has any.

    Args:
        feedback: Whose, and of which items.
        n_users: Number of users.
        present: ``(n_items,) bool``: an item without an event has no vector to be moved away.
    """

    def __init__(self, feedback: NegativeFeedback, n_users: int, present: BoolArray) -> None:
        kept = feedback.select(present[feedback.item])
        self._items, self._weights = kept.item.astype(np.int64), kept.weight
        self._counts = np.bincount(kept.user, minlength=n_users)
        self._first = np.cumsum(self._counts) - self._counts

    def draw(self, users: Int64Array, generator: np.random.Generator) -> OwnNegatives | None:
        """Return an item for each of the pairs of users, or None where nobody has one.

        Args:
            users: ``(b,)`` rows, one for each pair.
            generator: Draws them.
        """
        pairs = np.flatnonzero(self._counts[users])
        if not len(pairs):
            return None
        owner = users[pairs]
        drawn = self._first[owner] + generator.integers(0, self._counts[owner])
        return OwnNegatives(tensor(pairs), tensor(self._items[drawn]), tensor(self._weights[drawn]))

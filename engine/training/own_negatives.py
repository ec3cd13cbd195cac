"""Own negatives: of the items that a user does not want, one for each of the user's pairs.

They come beside the negatives that a batch shares, which say nothing of a user. A pair's loss gets
a second term, w times the same loss of the pair against that one item, w being the item's weight
for the user (``engine.training.losses``).
"""

import numpy as np

from engine.data.arrays import Int64Array
from engine.data.interactions import Interactions
from engine.data.negative_feedback import NegativeFeedback
from engine.models.encoder import OwnNegatives
from engine.models.tensors import tensor
from engine.training.seed import generator


class OwnNegativeSampler:
    """Draws an item of negative feedback for every pair whose user has any.

    Args:
        feedback: Who does not want which items; None: nobody says so.
        train: Events; an item without one has no vector to be moved away.
        seed: Of what is drawn.
    """

    def __init__(self, feedback: NegativeFeedback | None, train: Interactions, seed: int) -> None:
        feedback = feedback or NegativeFeedback.of([], [], 1.0, 0)
        kept = feedback.select((train.item_counts() > 0)[feedback.item])
        self._items, self._weights = kept.item.astype(np.int64), kept.weight
        self._counts = np.bincount(kept.user, minlength=train.n_users)
        self._first = np.cumsum(self._counts) - self._counts
        self._seed = seed

    def draw(self, users: Int64Array, epoch: int, step: int) -> OwnNegatives | None:
        """Return an item for each of the pairs of users, or None where nobody has one.

        Args:
            users: ``(b,)`` rows, one for each pair.
            epoch: Of the batch.
            step: Of the batch.
        """
        if not len(self._items):
            return None
        pairs = np.flatnonzero(self._counts[users])
        if not len(pairs):
            return None
        owner = users[pairs]
        draw = generator(self._seed, "own negatives", epoch, step)
        drawn = self._first[owner] + draw.integers(0, self._counts[owner])
        return OwnNegatives(tensor(pairs), tensor(self._items[drawn]), tensor(self._weights[drawn]))

"""Few users and items that meet at moments: what Hypothesis draws, and the events of it."""

import numpy as np

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary

Event = tuple[int, int, int]
"""Row of a user, row of an item, moment."""


def timed(events: list[Event], users: int, items: int, unit: int = 1) -> Interactions:
    """Return events whose moments are multiples of ``unit`` milliseconds."""
    user, item, at = (np.array([one[n] for one in events], dtype=np.int64) for n in range(3))
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(users)]),
        Vocabulary([f"i{n}" for n in range(items)]),
        user,
        item,
        at=at * unit,
    )

"""Personal frequency: the user's own items by how often, then nothing or the most popular.

P-TopFreq: score(u, i) = c_u(i), the number of u's events on i; an item that u never had is not
listed. GP-TopFreq: score(u, i) = c_u(i) + (n_i / max n)^(1/3): own items by count, equal ones and
all others by popularity. Li, Jullien, Ariannezhad, de Rijke: A next basket recommendation reality
check, 2023.
"""

from dataclasses import dataclass

import numpy as np

from engine.data import signals
from engine.data.arrays import Float32Array, Int64Array
from engine.data.interactions import Interactions

_ALL_ALIKE = float("inf")


@dataclass(frozen=True)
class PersonalFrequencyConfig:
    """Personal frequency has no settings."""


class PersonalFrequency:
    """Score the user's own items by their number of events.

    Args:
        train: Events to count.
        popular: Whether popular items follow the own ones; otherwise nothing does.
    """

    def __init__(self, train: Interactions, *, popular: bool) -> None:
        self._counts = signals.frequencies(train, _ALL_ALIKE).astype(np.float32)
        self._popularity = signals.popularity(train) if popular else None

    def score(self, rows: Int64Array) -> Float32Array:
        """Return ``(len(rows), n_items) float32``; -inf for what is not to be listed."""
        own: Float32Array = self._counts[rows].toarray()
        if self._popularity is None:
            own[own == 0.0] = -np.inf
        else:
            own += self._popularity
        return own

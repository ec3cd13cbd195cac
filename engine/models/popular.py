"""Most popular: score(u, i) = (n_i / max n)^(1/3), the same list for everyone.

Recent popularity discounts each event by 2^(-age / half-life).
"""

from dataclasses import dataclass

import numpy as np

from engine.data import signals
from engine.data.arrays import Float32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.model_options import Span, option


@dataclass(frozen=True)
class PopularConfig:
    """Popularity has no settings."""


@dataclass(frozen=True)
class RecentPopularConfig:
    """Settings of recent popularity."""

    half_life_days: float = option(
        45.0, "days after which an event counts half", low=0.01, tune=Span(3.0, 360.0, log=True)
    )


class Popular:
    """Score every item by its number of events."""

    def __init__(self, train: Interactions) -> None:
        self._score = signals.popularity(train)

    def score(self, rows: Int64Array) -> Float32Array:
        """Return ``(len(rows), n_items) float32``."""
        return np.tile(self._score, (len(rows), 1))


class RecentPopular:
    """Score every item by its events, an event counting half after each half-life."""

    def __init__(self, train: Interactions, half_life_days: float) -> None:
        self._score = signals.recent_popularity(train, half_life_days)

    def score(self, rows: Int64Array) -> Float32Array:
        """Return ``(len(rows), n_items) float32``."""
        return np.tile(self._score, (len(rows), 1))

"""Buy it again: the user's own items by how often, then the most popular.

score(u, i) = 1000 · c / (1 + c) + pop(i), c the events of u on i, discounted by age where a
half-life is given: an owned item outranks one that is only popular, and popularity breaks ties. May
import: ``options``, ``engine.data``.
"""

from dataclasses import dataclass

from engine.data import signals
from engine.data.arrays import Float32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.model_options import option

_OWN = 1_000.0
_NEVER = float("inf")


@dataclass(frozen=True)
class BuyAgainConfig:
    """Settings of buy-it-again."""

    half_life_days: float = option(
        0.0, "days after which an event counts half; 0: all count alike", low=0
    )


class BuyAgain:
    """Score the user's own items first, then popularity."""

    def __init__(self, train: Interactions, half_life_days: float = _NEVER) -> None:
        self._popularity = signals.popularity(train)
        self._repeats = signals.repeats(train, half_life_days)

    def score(self, rows: Int64Array) -> Float32Array:
        """Return ``(len(rows), n_items) float32``."""
        own: Float32Array = self._repeats[rows].toarray()
        own *= _OWN
        own += self._popularity
        return own

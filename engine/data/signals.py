"""Signals of plain counting that stand beside every embedding: popularity and repeats.

The query that serves a recommendation computes popularity and repeats too, so those definitions are
part of the contract with ``cypher/recommend``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from engine.data.arrays import Float32Array, Float64Array
from engine.data.interactions import Interactions
from engine.errors import UsageError

if TYPE_CHECKING:
    from scipy import sparse

MILLISECONDS_PER_DAY = 86_400_000.0


@dataclass(frozen=True)
class EventWeights:
    """How much an event counts in a graph between items: kind * 0.5^(age / half-life).

    Its own weight does not: one user's 13,883 plays are one user who played it.

    Attributes:
        kinds: Kind of event to factor, 0 or more; a kind that is not named has that of the events.
        half_life_days: Age at which an event counts half; None: age does not matter.
    """

    kinds: Mapping[str, float] = field(default_factory=dict)
    half_life_days: float | None = None

    def __post_init__(self) -> None:
        """Refuse what has no meaning.

        Raises:
            UsageError: A factor is negative or no number, or the half-life is not positive.
        """
        for kind, factor in self.kinds.items():
            if not np.isfinite(factor) or factor < 0:
                raise UsageError(f"the weight of {kind} must be 0 or more, not {factor}")
        days = self.half_life_days
        if days is not None and not (np.isfinite(days) and days > 0):
            raise UsageError(f"the half-life must be a number of days above 0, not {days}")

    def of(self, interactions: Interactions) -> Float64Array:
        """Return the weight of every event, ``(n,) float64``, 0 where the event does not count.

        Ages are taken against the newest event of all; an event without a time has no age. One with
        a weight of 0 or less in the file does not count.

        Raises:
            UsageError: A kind is named that no event has.
        """
        unknown = sorted(set(self.kinds) - set(interactions.events))
        if unknown:
            raise UsageError(
                f"no event is of the kind {unknown[0]}",
                hint="there are: " + (", ".join(interactions.events) or "none"),
            )
        kinds = interactions.events
        of_kinds = interactions.kind_weights or (1.0,) * len(kinds)
        factors = np.array([self.kinds.get(*one) for one in zip(kinds, of_kinds, strict=True)])
        weights = (interactions.weight > 0).astype(np.float64)
        if len(factors):
            weights = weights * factors[interactions.event]
        if self.half_life_days is not None:
            weights *= freshness(interactions, self.half_life_days)
        return weights


def popularity(interactions: Interactions) -> Float32Array:
    """Return (n_i / max_j n_j)^(1/3), ``(n_items,) float32``; n adds what the events count.

    Held-out blocks of Gowalla put the cube root before the logarithm, the square and the fourth
    root; elsewhere they hardly differ (docs/results.md).
    """
    counts = interactions.item_weights()
    return cube_root(counts, counts.max(initial=0.0)).astype(np.float32)


def recent_popularity(interactions: Interactions, half_life_days: float) -> Float32Array:
    """Return (n_i / max_j n_j)^(1/3), ``(n_items,) float32``; n adds what fresh events count."""
    fresh = _discounted(interactions, half_life_days)
    found = np.bincount(interactions.item, fresh, minlength=interactions.n_items)
    counts = found.astype(np.float64)
    return cube_root(counts, counts.max(initial=0.0)).astype(np.float32)


def cube_root(counts: Float64Array, most: float) -> Float64Array:
    """Return (n / most)^(1/3), zeros where most is 0: what popularity is wherever it is scored."""
    result: Float64Array = np.cbrt(counts / most if most > 0 else counts)
    return result


def repeats(interactions: Interactions, half_life_days: float) -> "sparse.csr_array":
    """Return c / (1 + c) for every pair with an event, ``(n_users, n_items) float32``.

    c adds 2^(-age / half-life) over the pair's events, times what their kinds weigh, the age taken
    against the newest event of all; an event without a time has no age.
    """
    matrix = frequencies(interactions, half_life_days)
    matrix.data /= 1.0 + matrix.data
    return matrix.astype(np.float32)


def frequencies(interactions: Interactions, half_life_days: float) -> "sparse.csr_array":
    """Return c for every pair with an event, ``(n_users, n_items) float64``.

    c adds 2^(-age / half-life) over the pair's events, times what their kinds weigh, the age taken
    against the newest event of all; with an infinite half-life it is what they count.
    """
    from scipy import sparse  # noqa: PLC0415 whoever only counts days needs no matrix

    matrix = sparse.csr_array(
        (_discounted(interactions, half_life_days), (interactions.user, interactions.item)),
        shape=(interactions.n_users, interactions.n_items),
    )
    matrix.sum_duplicates()
    return matrix


def _discounted(interactions: Interactions, half_life_days: float) -> Float64Array:
    fresh = freshness(interactions, half_life_days)
    return fresh * interactions.counted() if interactions.kind_weights else fresh


def freshness(interactions: Interactions, half_life_days: float) -> Float64Array:
    """Return 2^(-age / half-life) of every event, the age against the newest; 1 without a time."""
    age_days = (interactions.at.max(initial=0) - interactions.at) / MILLISECONDS_PER_DAY
    # Ages of events without a time are huge and meaningless; the power of them is just 0.
    return np.where(interactions.at > 0, np.exp2(-age_days / half_life_days), 1.0)

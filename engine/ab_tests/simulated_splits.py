"""A/A check: split the same users at random a thousand times; few splits may look different.

What stands against it is a metric that the interval does not fit, such as one that a handful of
users decide.
"""

from dataclasses import dataclass

import numpy as np

from engine.ab_tests.confidence_sequence import fixed_width
from engine.ab_tests.ratio_metric import Metric, RatioMoments, UserSums

_CELLS_PER_BATCH = 20_000_000
TOLERANCE = 0.02


@dataclass(frozen=True)
class SimulatedSplits:
    """How often two halves of the same users looked different.

    Attributes:
        splits: How many were made.
        significant: Share of them whose interval left out 0.
        expected: The share that may.
    """

    splits: int
    significant: float
    expected: float

    @property
    def sound(self) -> bool:
        """Whether no more did than may, within two in a hundred."""
        return self.significant <= self.expected + TOLERANCE


def simulate_splits(
    sums: UserSums,
    metric: Metric,
    generator: np.random.Generator,
    *,
    splits: int = 1_000,
    alpha: float = 0.05,
) -> SimulatedSplits:
    """Split users into random halves and compare them at one look each.

    Args:
        sums: Of all users.
        metric: What is compared.
        generator: Draws the halves.
        splits: How many.
        alpha: How many of them may be significant.
    """
    y, x = sums.terms(metric)
    terms = np.column_stack((np.ones_like(y), y, x, y * y, x * y, x * x))
    whole = terms.sum(axis=0)
    at_once = max(1, _CELLS_PER_BATCH // max(len(y), 1))
    found = 0
    for done in range(0, splits, at_once):
        some = min(at_once, splits - done)
        half = generator.integers(0, 2, (some, len(y)), dtype=np.int8).astype(np.float64) @ terms
        one, other = RatioMoments(*half.T), RatioMoments(*(whole - half).T)
        error = np.hypot(one.error, other.error)
        found += int(np.sum(np.abs(one.rate - other.rate) > fixed_width(alpha) * error))
    return SimulatedSplits(splits, found / splits, alpha)

"""Intervals of a ratio of two sums over users, by the delta method.

Impressions of one user are not independent, so a share of impressions is a ratio of two sums over
users: R = Σy / Σx, and Var R ≈ Σ(y - R·x)² · n / (n - 1) / (Σx)². Deng, Knoblich, Lu: Applying the
Delta Method in Metric Analytics (KDD 2018), equation 4.
"""

from dataclasses import dataclass
from math import sqrt

_NORMAL_95 = 1.959964
_FEWEST_USERS = 2


@dataclass(frozen=True)
class RatioInterval:
    """A ratio and its 95 % interval; both ends are None where no interval can be told.

    None is told of fewer than two users, nor where nothing was counted.
    """

    ratio: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class RatioSums:
    """Sums over users.

    Attributes:
        users: How many they are over.
        below, above: Σx and Σy.
        below_squared, above_squared: Σx² and Σy².
        product: Σxy.
    """

    users: int
    below: float
    above: float
    below_squared: float
    above_squared: float
    product: float


def ratio_interval(sums: RatioSums) -> RatioInterval | None:
    """Return the ratio of two sums, Σy / Σx, or None where the lower one is 0."""
    if not sums.below:
        return None
    ratio = sums.above / sums.below
    if sums.users < _FEWEST_USERS or not sums.above:
        return RatioInterval(ratio, None, None)
    left = sums.above_squared - 2 * ratio * sums.product + ratio**2 * sums.below_squared
    variance = max(left, 0.0) * sums.users / (sums.users - 1)
    error = _NORMAL_95 * sqrt(variance) / sums.below
    return RatioInterval(ratio, max(ratio - error, 0.0), ratio + error)

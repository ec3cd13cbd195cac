"""Is the difference real: a paired bootstrap over users, in memory that does not grow with them."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from engine.data.arrays import Float64Array

_CELLS_PER_BATCH = 1_000_000
_MOST_RESAMPLED = 5_000
"""With more users the interval is computed: it equals the resampled one to the fourth digit."""


@dataclass(frozen=True)
class Difference:
    """Mean difference of two methods on the same users, with its confidence interval."""

    mean: float
    low: float
    high: float
    users: int

    @property
    def better(self) -> bool:
        """Whether the whole interval lies above zero."""
        return self.low > 0.0


def paired_bootstrap(
    ours: Float64Array,
    theirs: Float64Array,
    generator: np.random.Generator,
    *,
    draws: int = 5_000,
    confidence: float = 0.95,
) -> Difference:
    """Return the mean of ``ours - theirs`` and the percentile interval over resampled users.

    Up to 5,000 users are resampled ``draws`` times, some of the draws at once. With more, the
    quantiles of the resampled mean follow from its first three moments (Cornish and Fisher 1938).
    """
    difference = ours - theirs
    count = len(difference)
    if count == 0:
        return Difference(0.0, 0.0, 0.0, 0)
    mean, tail = float(difference.mean()), (1.0 - confidence) / 2.0
    if count > _MOST_RESAMPLED:
        low, high = (mean + offset for offset in _offsets(difference - mean, tail))
        return Difference(mean, low, high, count)
    at_once = max(1, _CELLS_PER_BATCH // count)
    means = np.concatenate(
        [
            difference[generator.integers(0, count, (min(at_once, draws - done), count))].mean(
                axis=1
            )
            for done in range(0, draws, at_once)
        ]
    )
    low, high = np.quantile(means, (tail, 1.0 - tail))
    return Difference(mean, float(low), float(high), count)


def _offsets(centred: Float64Array, tail: float) -> tuple[float, float]:
    """Return how far the two quantiles of the resampled mean lie from the mean.

    A resampled mean has the variance s²/n and the skewness g/√n of the users' values: the quantile
    to z is s/√n · (z + g/√n · (z² - 1)/6).
    """
    count = len(centred)
    deviation = float(np.sqrt(np.mean(centred**2)))
    if deviation == 0.0:
        return 0.0, 0.0
    error = deviation / np.sqrt(count)
    skewness = float(np.mean((centred / deviation) ** 3)) / np.sqrt(count)
    z = NormalDist().inv_cdf(1.0 - tail)
    lean = skewness * (z**2 - 1.0) / 6.0
    return error * (lean - z), error * (lean + z)

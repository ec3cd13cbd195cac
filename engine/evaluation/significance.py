"""Is the difference real: a paired bootstrap over users."""

from dataclasses import dataclass

import numpy as np

from engine.data.arrays import Float64Array

_DRAWS_PER_BATCH = 250


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
    """Return the mean of ``ours - theirs`` and the percentile interval over resampled users."""
    difference = ours - theirs
    count = len(difference)
    if count == 0:
        return Difference(0.0, 0.0, 0.0, 0)
    means = np.concatenate(
        [
            difference[
                generator.integers(0, count, (min(_DRAWS_PER_BATCH, draws - done), count))
            ].mean(axis=1)
            for done in range(0, draws, _DRAWS_PER_BATCH)
        ]
    )
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(means, (tail, 1.0 - tail))
    return Difference(float(difference.mean()), float(low), float(high), count)

"""Which values are among the highest, without sorting them: of most lists hardly any is kept."""

import numpy as np

from engine.data.arrays import BoolArray, Float64Array


def among_highest(values: Float64Array, n: int) -> BoolArray:
    """Return which values are at least the n-th highest, ``(len(values),) bool``.

    Those that are level with it are all among them, so there may be more than n: what orders them
    decides.

    Args:
        values: ``(m,)``, no NaN.
        n: 1 or more.
    """
    if len(values) <= n:
        return np.ones(len(values), dtype=bool)
    return np.asarray(values >= np.partition(values, -n)[-n])

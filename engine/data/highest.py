"""Which values are among the highest, without sorting them: of most lists hardly any is kept."""

from typing import TypeVar

import numpy as np

from engine.data.arrays import AnyArray, BoolArray, Float32Array, Float64Array, IntArray

_Floats = TypeVar("_Floats", Float32Array, Float64Array)


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
    return np.asarray(values >= nth_highest(values, n))


def among_best(values: AnyArray, tie_order: AnyArray, n: int) -> BoolArray:
    """Return which values are the n best, ``(len(values),) bool``: all of them where n is more.

    Args:
        values: ``(m,)``, no NaN.
        tie_order: ``(m,)``, all different; of level values those of smaller numbers are better.
        n: 1 or more.
    """
    if len(values) <= n:
        return np.ones(len(values), dtype=bool)
    last = nth_highest(values, n)
    best = np.asarray(values > last)
    level = np.flatnonzero(values == last)
    free = n - np.count_nonzero(best)
    if free < len(level):
        level = level[np.argpartition(tie_order[level], free)[:free]]
    best[level] = True
    return best


def nth_highest(values: _Floats, n: int) -> _Floats:
    """Return the n-th highest value of each row, ``(...,)``.

    Looked for among the negated values: in rows of mostly zeros NumPy's selection takes twenty
    times as long to find the n-th from the end as the n-th from the start.

    Args:
        values: ``(..., m)``, no NaN.
        n: 1 to m.
    """
    low = -values
    low.partition(n - 1, axis=-1)
    highest: _Floats = -low[..., n - 1]
    return highest


def nth_highest_of_rows(values: _Floats, indptr: IntArray, n: int) -> _Floats:
    """Return the n-th highest cell of each sparse row, ``(rows,)``; 0 where a row has no more.

    Args:
        values: ``(cells,)`` of a CSR matrix, none below 0.
        indptr: ``(rows + 1,)``, where each row begins.
        n: 1 or more.
    """
    least = np.zeros(len(indptr) - 1, dtype=values.dtype)
    for row in np.flatnonzero(np.diff(indptr) > n).tolist():
        least[row] = nth_highest(values[indptr[row] : indptr[row + 1]], n)
    return least

"""Cuts: the moments that divide what a method knows from what it must predict.

A cut is the beginning of a UTC day, in epoch milliseconds: what happened before it is known, what
happened at it or later is not. So it falls between two different times, and never inside a day:
an event that is dated by its day alone is never known in the middle of it.
"""

import numpy as np

from engine.data.arrays import BoolArray, Int64Array

DAY_MS = 86_400_000


def day_end(at: Int64Array) -> int:
    """Return the beginning of the first day after the newest event, epoch milliseconds.

    Args:
        at: ``(n,)`` epoch milliseconds.
    """
    return (int(at.max(initial=0)) // DAY_MS + 1) * DAY_MS


def cuts_before(end: int, width_days: int, count: int, *, apart_days: int = 7) -> Int64Array:
    """Return cuts, oldest first, ``(count,) int64``, whose windows all end at ``end`` or before.

    The window of a cut are the ``width_days`` from it on. The newest one ends with the last whole
    day before ``end``; cuts are ``apart_days`` apart, or as many as a window is long where that is
    more, so that no two windows overlap.

    Args:
        end: Epoch milliseconds; nothing at it or later is in any window.
        width_days: Length of a window, 1 or more.
        count: How many cuts, 0 or more.
        apart_days: Least distance of two cuts, 1 or more; 7 keeps them on one day of the week.
    """
    newest = end // DAY_MS - width_days
    back = max(apart_days, width_days) * np.arange(count - 1, -1, -1, dtype=np.int64)
    return np.asarray((newest - back) * DAY_MS, dtype=np.int64)


def within(at: Int64Array, cut: int, width_days: int) -> BoolArray:
    """Return which events lie in the window of a cut: at it or later, and before its end.

    Args:
        at: ``(n,)`` epoch milliseconds.
        cut: Epoch milliseconds.
        width_days: Length of the window.
    """
    return np.asarray((at >= cut) & (at < cut + width_days * DAY_MS), dtype=np.bool_)


def day(cut: int) -> str:
    """Return the day that begins with a cut, as ``2026-11-28``."""
    return str(np.datetime64(cut, "ms").astype("datetime64[D]"))

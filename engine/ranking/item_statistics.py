"""Numbers of each item that no user changes alone: how popular, how often bought again.

Computed once when a generation is published, from the events up to a moment, and stored with it.
"""

import numpy as np

from engine.data.arrays import Float64Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.signals import MILLISECONDS_PER_DAY
from engine.ranking.purchase_rhythm import medians

HALF_LIVES_DAYS = (2.0, 7.0, 14.0, 28.0, 120.0)
LAST_DAYS = (3.0, 7.0, 28.0)
STATISTICS = (
    *(f"events_{days:.0f}_days" for days in HALF_LIVES_DAYS),
    *(f"events_in_last_{days:.0f}_days" for days in LAST_DAYS),
    "events",
    "users",
    "share_of_repeats",
    "share_of_users_again",
    "days_between",
)
"""Columns: events decayed with half-lives; those of the last days; events and users of all time;
repeats / (events + 5); share of its users who have it more than once; median over those users of
their median number of days between two times, NaN where nobody has it at two that are known."""

_REPEAT_PRIOR = 5.0


def item_statistics(events: Interactions, as_of: int) -> Float64Array:
    """Return the statistics of every item, ``(n_items, len(STATISTICS)) float64``.

    Events of one user and item at one time count once in what is about repeats.

    Args:
        events: Those after ``as_of`` do not count.
        as_of: Epoch milliseconds.
    """
    known = events.at <= as_of
    user, item = events.user[known].astype(np.int64), events.item[known].astype(np.int64)
    at, n = events.at[known], events.n_items
    age = (as_of - at) / MILLISECONDS_PER_DAY
    decayed = [np.bincount(item, 2.0 ** (-age / days), n) for days in HALF_LIVES_DAYS]
    recent = [np.bincount(item[age <= days], minlength=n) for days in LAST_DAYS]
    times = _distinct(item, user, at)
    first = np.ones(len(times), dtype=bool)
    first[1:] = np.any(times[1:, :2] != times[:-1, :2], axis=1)
    users = np.bincount(times[first, 0], minlength=n)
    repeats = np.bincount(times[~first, 0], minlength=n)
    pair = np.cumsum(first) - 1
    # Nobody knows how long it was from an event without a time, which is the oldest, to the next.
    between_two = ~first & (np.concatenate([[0], times[:, 2]])[:-1] > 0)
    gaps = np.diff(times[:, 2], prepend=0)[between_two] / MILLISECONDS_PER_DAY
    pairs, of_pair = medians(pair[between_two], gaps)
    item_of_pair = times[first, 0]
    items, of_item = medians(item_of_pair[pairs], of_pair)
    between = np.full(n, np.nan)
    between[items] = of_item
    again = np.bincount(item_of_pair[np.unique(pair[~first])], minlength=n)
    bought = np.bincount(item, minlength=n)
    return np.stack(
        [
            *decayed,
            *recent,
            bought,
            users,
            repeats / (repeats + users + _REPEAT_PRIOR),
            again / np.maximum(users, 1),
            between,
        ],
        axis=1,
    )


def _distinct(item: Int64Array, user: Int64Array, at: Int64Array) -> Int64Array:
    """Return the different (item, user, at), sorted, ``(n, 3)``."""
    order = np.lexsort((at, user, item))
    rows = np.stack([item[order], user[order], at[order]], axis=1)
    new = np.ones(len(rows), dtype=bool)
    new[1:] = np.any(rows[1:] != rows[:-1], axis=1)
    result: Int64Array = rows[new]
    return result

"""How often, how regularly and how long ago: counts, decays and gaps of pairs of user and item."""

from dataclasses import dataclass

import numpy as np

from engine.data.arrays import Float64Array, Int64Array
from engine.data.signals import MILLISECONDS_PER_DAY
from engine.ranking.candidates import OwnEvents

HALF_LIVES_DAYS = (7.0, 30.0, 60.0, 120.0)
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Rhythm:
    """Numbers of the pairs of user and item that have events, sorted by ``key``.

    Attributes:
        key: ``(p,) int64``, user * items + item.
        count: Baskets with the item.
        timed: How many of them have a time.
        decayed: ``(p, 4)`` events, decayed with ``HALF_LIVES_DAYS``.
        days_since_last, days_since_first: Of the newest and the oldest event that has a time; NaN
            where none has.
        gap: Median of the days between two baskets with the item; NaN where there is one only, or
            no two have a time.
        spread: Mean distance of those from their median, in gaps; NaN where there is one only.
        baskets_since_last: Baskets of the user after the last one with the item.
        baskets_since_first: Baskets of the user from the first one with the item on.
    """

    key: Int64Array
    count: Int64Array
    timed: Int64Array
    decayed: Float64Array
    days_since_last: Float64Array
    days_since_first: Float64Array
    gap: Float64Array
    spread: Float64Array
    baskets_since_last: Int64Array
    baskets_since_first: Int64Array


@dataclass(frozen=True, eq=False)
class Visits:
    """Numbers of users' baskets, a row per user; NaN where a user has too few that have a time.

    Attributes:
        baskets: How many.
        recent: How many of them in the last 30 days.
        size: Mean number of events in one.
        days_since_last, days_since_first: Of the newest and the oldest.
        gap: Median of the days between two.
    """

    baskets: Int64Array
    recent: Int64Array
    size: Float64Array
    days_since_last: Float64Array
    days_since_first: Float64Array
    gap: Float64Array


def rhythm(own: OwnEvents, n_users: int, n_items: int, as_of: int) -> tuple[Rhythm, Visits]:
    """Return what the events of users tell of their pairs with items, and of their baskets.

    A basket is at the time of its first event that has one. What has no time counts as the oldest,
    and nobody knows how long ago it was.
    """
    order = np.lexsort((own.at, own.basket, own.user))
    user, item, at = own.user[order], own.item[order], own.at[order]
    basket = own.basket[order]
    new = np.ones(len(user), dtype=bool)
    new[1:] = (user[1:] != user[:-1]) | (basket[1:] != basket[:-1])
    number = np.cumsum(new) - 1
    begins = _begins(at, np.flatnonzero(new))
    position, visits = _visits((user[new], begins), np.bincount(number), n_users, as_of)
    return _pairs(
        user * n_items + item, at, begins[number], position[number], visits.baskets[user], as_of
    ), visits


def _begins(at: Int64Array, first: Int64Array) -> Int64Array:
    """Return the time of each basket, 0 where none of its events has one.

    Args:
        at: Of each event, those of a basket side by side.
        first: Where the events of each basket begin.
    """
    if not len(first):
        return at
    earliest = np.minimum.reduceat(np.where(at > 0, at, _NEVER), first)
    return np.where(earliest == _NEVER, 0, earliest)


def _ages(at: Int64Array, as_of: int) -> Float64Array:
    """Return the days since; NaN where there is no time."""
    return np.where(at > 0, (as_of - at) / MILLISECONDS_PER_DAY, np.nan)


def _visits(
    baskets: tuple[Int64Array, Int64Array], sizes: Int64Array, n_users: int, as_of: int
) -> tuple[Int64Array, Visits]:
    """Return the place of each basket among those of its user by time, and the users' numbers."""
    user, at = baskets
    count = np.bincount(user, minlength=n_users)
    order = np.lexsort((at, user))
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    position = np.empty(len(user), dtype=np.int64)
    position[order] = np.arange(len(user)) - start[user[order]]
    age = _ages(at, as_of)
    some = count > 0
    timed = count - np.bincount(user[at <= 0], minlength=n_users)
    newest, oldest = np.full(n_users, np.nan), np.full(n_users, np.nan)
    newest[timed > 0] = age[order][(start + count - 1)[timed > 0]]
    oldest[timed > 0] = age[order][(start + count - timed)[timed > 0]]
    gaps = -np.diff(age[order])
    within = (user[order][1:] == user[order][:-1]) & ~np.isnan(gaps)
    gap = np.full(n_users, np.nan)
    users, middle = medians(user[order][1:][within], gaps[within])
    gap[users] = middle
    events = np.bincount(user, sizes, n_users)
    size = np.divide(events, count, out=np.full(n_users, np.nan), where=some)
    recent = np.bincount(user[age <= 30.0], minlength=n_users)
    return position, Visits(count, recent, size, newest, oldest, gap)


def _pairs(
    key: Int64Array,
    at: Int64Array,
    basket_at: Int64Array,
    position: Int64Array,
    baskets: Int64Array,
    as_of: int,
) -> Rhythm:
    """Return the numbers of pairs.

    Args:
        key: Of each event.
        at: Its time.
        basket_at: The time of its basket.
        position: Of its basket among the user's.
        baskets: How many the user has.
        as_of: The moment.
    """
    order = np.lexsort((position, key))
    key, at, position = key[order], at[order], position[order]
    basket_at, baskets = basket_at[order], baskets[order]
    new = np.ones(len(key), dtype=bool)
    new[1:] = key[1:] != key[:-1]
    start = np.flatnonzero(new)
    pair = np.cumsum(new) - 1
    last = np.concatenate([start[1:], [len(key)]])[: len(start)] - 1
    # What has no time is the oldest: of two such items the one taken more often still leads.
    since = (as_of - at) / MILLISECONDS_PER_DAY
    decayed = [np.bincount(pair, 2.0 ** (-since / days), len(start)) for days in HALF_LIVES_DAYS]
    # One entry per basket of a pair, for what is about baskets.
    other = new.copy()
    other[1:] |= position[1:] != position[:-1]
    days = np.where(basket_at > 0, basket_at / MILLISECONDS_PER_DAY, np.nan)[other]
    gaps = np.diff(days, prepend=0.0)
    known = ~new[other] & ~np.isnan(gaps)
    gaps, owner = gaps[known], pair[other][known]
    gap, spread = np.full(len(start), np.nan), np.full(len(start), np.nan)
    pairs, middle = medians(owner, gaps)
    gap[pairs] = middle
    counts = np.bincount(owner, minlength=len(start))
    away = np.bincount(owner, np.abs(gaps - gap[owner]), len(start))
    spread[pairs] = away[pairs] / counts[pairs] / np.maximum(middle, 1.0)
    age = _ages(at, as_of)
    oldest = np.fmax.reduceat(age, start) if len(start) else age
    newest = np.fmin.reduceat(age, start) if len(start) else age
    return Rhythm(
        key=key[start],
        count=np.bincount(pair[other], minlength=len(start)),
        timed=np.bincount(pair[other & (basket_at > 0)], minlength=len(start)),
        decayed=np.stack(decayed, axis=1),
        days_since_last=newest,
        days_since_first=oldest,
        gap=gap,
        spread=spread,
        baskets_since_last=baskets[last] - position[last] - 1,
        baskets_since_first=baskets[start] - position[start],
    )


def medians(group: Int64Array, values: Float64Array) -> tuple[Int64Array, Float64Array]:
    """Return the different groups, ascending, and the median of the values of each."""
    if not len(group):
        return group[:0], values[:0]
    order = np.lexsort((values, group))
    group, values = group[order], values[order]
    start = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
    size = np.diff(np.concatenate([start, [len(group)]]))
    low, high = values[start + (size - 1) // 2], values[start + size // 2]
    return group[start], (low + high) / 2.0

"""Baskets: which items were together, in a basket, in a session, or in all of a user's events."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from engine.data.arrays import Float64Array, Int64Array, IntArray
from engine.data.hashing import hash64_all, mixed
from engine.data.interactions import Interactions
from engine.data.signals import MILLISECONDS_PER_DAY

Unit = Literal["basket", "session", "user"]
UNITS: tuple[Unit, ...] = ("basket", "session", "user")
_DAY_MS = int(MILLISECONDS_PER_DAY)


@dataclass(frozen=True, eq=False)
class Baskets:
    """Which items each basket holds.

    Attributes:
        weights: ``(n_baskets, n_items) float64``; a cell is there when the item is in the basket,
            with the largest weight of its events: an item is in a basket once.
        capped: Baskets that were larger than allowed.
        left_out: Items that those lost, all baskets together.
    """

    weights: sparse.csr_array
    capped: int
    left_out: int

    @property
    def holds(self) -> sparse.csr_array:
        """The same cells, each 1: ``(n_baskets, n_items) int32``."""
        w = self.weights
        ones = np.ones(len(w.data), dtype=np.int32)
        return sparse.csr_array((ones, w.indices, w.indptr), shape=w.shape)


def basket_of(known: Interactions, named: Int64Array, unit: Unit, gap_ms: int) -> Int64Array:
    """Return the number of each event's basket, ``(n,) int64``, numbered from 0.

    Args:
        known: Events, sorted by (user, at).
        named: Number of the basket an event names, -1 for none; counts within a user.
        unit: ``basket``: the named one, else the session; ``session``; ``user``: one for each.
        gap_ms: A session ends when nothing happens for so long. Events without a time are one
            session of their user, and all events of a moment are in one.
    """
    user = known.user.astype(np.int64)
    if unit == "user":
        return _numbered(user)
    named = named if unit == "basket" else np.full(len(known), -1, dtype=np.int64)
    loose = np.flatnonzero(named < 0)
    apart = np.ones(len(loose), dtype=bool)
    apart[1:] = (np.diff(user[loose]) != 0) | (np.diff(known.at[loose]) >= max(1, gap_ms))
    keys = user * (int(named.max(initial=0)) + 1) + named
    codes = _numbered(keys)
    codes[loose] = int(codes.max(initial=0)) + np.cumsum(apart)
    return _numbered(codes)


def named_or_by_day(known: Interactions, named: Int64Array | None) -> Int64Array:
    """Return the number of each event's basket, ``(n,) int64``, numbered from 0.

    The one that it names; a user's events that name none are one basket each day (UTC). Protocols,
    the ranker's candidates (``recommend/candidates``) and what it learns from mean the same.

    Args:
        known: Events, in any order.
        named: ``(n,)``, the number of the basket that an event names, which counts within a user,
            -1 for none; None: no event names one.
    """
    named = np.full(len(known), -1, dtype=np.int64) if named is None else named
    days = known.at // _DAY_MS
    days = days - days.min(initial=0) + named.max(initial=-1) + 1
    code = np.where(named < 0, days, named)
    return _numbered(known.user.astype(np.int64) * (int(code.max(initial=0)) + 1) + code)


def described(known: Interactions, named: Int64Array, unit: Unit, gap_minutes: float) -> str:
    """Say what ``basket_of`` takes for a basket where that is not one which the events name.

    Args:
        known: Events.
        named: As for ``basket_of``.
        unit: As for ``basket_of``.
        gap_minutes: A session ends when nothing happens for so long.
    """
    if unit == "user":
        return "A basket is everything that a user ever had (--unit user)."
    loose = named < 0 if unit == "basket" else np.ones(len(known), dtype=np.bool_)
    count, at = int(loose.sum()), known.at[loose]
    if not count:
        return ""
    kind = "name no basket and count" if unit == "basket" else "count"
    whole = ", so a user's are all one basket: load basket ids, or the real times."
    if not (at > 0).any():
        why = f" These have no time{whole}"
    elif count > 1 and at.min() == at.max():
        why = f" These have one timestamp{whole}"
    else:
        untimed = int((at <= 0).sum())
        why = f" A session ends after {gap_minutes:g} minutes without an event."
        why += f" {untimed} have no time{whole}" if untimed else ""
    return f"{count} of {len(known)} events {kind} by session.{why}"


def fill(known: Interactions, basket: Int64Array, weights: Float64Array, most: int) -> Baskets:
    """Put items into baskets; a basket of more than ``most`` keeps a sample of them.

    The sample is drawn by a hash of user and item, so that it is the same in every run and changes
    little when a basket grows.

    Args:
        known: Events.
        basket: Number of the basket of each, ``(n,) int64``.
        weights: ``(n,) float64``; an event of weight 0 is in no basket.
        most: Most items of a basket, 1 or more.
    """
    counts = weights > 0
    shape = (int(basket.max(initial=-1)) + 1, known.n_items)
    cells = largest_of_each_cell(basket[counts], known.item[counts], weights[counts], shape)
    sizes = np.diff(cells.indptr)
    large = sizes > most
    if not large.any():
        return Baskets(cells, 0, 0)
    owner = np.zeros(shape[0], dtype=np.int64)
    owner[basket] = known.user
    row = np.repeat(np.arange(shape[0]), sizes)
    candidates = np.flatnonzero(large[row])
    users, items = hash64_all(known.users.ids), hash64_all(known.items.ids)
    drawn = mixed(users[owner[row[candidates]]] ^ items[cells.indices[candidates]])
    order = np.lexsort((drawn, row[candidates]))
    starts = np.concatenate(([0], np.cumsum(sizes[large])))[:-1]
    place = np.arange(len(order)) - np.repeat(starts, sizes[large])
    kept = np.ones(len(row), dtype=bool)
    kept[candidates[order[place >= most]]] = False
    sample = sparse.csr_array((cells.data[kept], (row[kept], cells.indices[kept])), shape=shape)
    return Baskets(sample, int(large.sum()), int((~kept).sum()))


def largest_of_each_cell(
    row: Int64Array, column: IntArray, value: Float64Array, shape: tuple[int, int]
) -> sparse.csr_array:
    """Return a matrix with the largest of the values that fall on a cell, ``float64``."""
    order = np.lexsort((value, column, row))
    row, column, value = row[order], column[order], value[order]
    last = np.ones(len(order), dtype=np.bool_)
    last[:-1] = (np.diff(row) != 0) | (np.diff(column) != 0)
    return sparse.csr_array((value[last], (row[last], column[last])), shape=shape)


def _numbered(codes: Int64Array) -> Int64Array:
    return np.unique(codes, return_inverse=True)[1].reshape(-1).astype(np.int64)

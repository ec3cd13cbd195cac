"""Splits: which events train, which validate, which test. Every part keeps the vocabularies."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from engine.data import blocked_split
from engine.data.arrays import BoolArray, Int64Array
from engine.data.interactions import Interactions
from engine.errors import DataError, UsageError

SplitKind = Literal["auto", "time", "leave-last-out", "random", "blocked", "given"]
SPLITS: tuple[SplitKind, ...] = get_args(SplitKind)
TEST_EVENT = "test"
"""With the ``given`` split, events of this kind are the test part."""


@dataclass(frozen=True)
class Split:
    """Two disjoint parts of one set of interactions; ``later`` is what must be predicted."""

    earlier: Interactions
    later: Interactions


def split(
    interactions: Interactions, kind: SplitKind, generator: np.random.Generator, fraction: float
) -> Split:
    """Cut ``interactions`` in two.

    Args:
        interactions: What to cut.
        kind: ``auto``: see ``usable``; ``time``: the last ``fraction`` of all events, cut
            between two different times; those without a time are the oldest;
            ``leave-last-out``: each user's last item; ``random``: ``fraction`` of each user's
            items; ``blocked``: the same, but items that are alike; ``given``: events of kind
            ``test``.
        generator: Draws the random and the blocked split; the others do not use it.
        fraction: Share of the later part, 0 to 1.

    Raises:
        DataError: The events lack what the split goes by, or one part would be empty.
        UsageError: The kind is unknown.
    """
    kind = usable(kind, interactions)
    if kind == "time":
        later = _by_time(interactions, fraction)
    elif kind == "leave-last-out":
        later = _last_of_each_user(interactions)
    elif kind == "random":
        later = _at_random(interactions, generator, fraction)
    elif kind == "blocked":
        later = _in_blocks(interactions, generator, fraction)
    elif kind == "given":
        later = _given(interactions)
    else:
        raise UsageError(f"there is no split {kind}", hint=f"use one of {', '.join(SPLITS)}")
    if not later.any() or later.all():
        raise DataError(
            f"the {kind} split leaves one part of {len(interactions)} events empty",
            hint="load more events; engine train, compare, evaluate and tune take another --split",
        )
    return Split(interactions.select(~later), interactions.select(later))


def relevant(parts: Split, least: float | None) -> Split:
    """Return the split with those events of the later part alone that are to be found.

    Args:
        parts: What is known, and what happened later.
        least: Least weight of an event that is to be found, such as a rating; None: every one is.

    Raises:
        DataError: None of them weighs so much.
    """
    if least is None:
        return parts
    found = parts.later.weight >= least
    if not found.any():
        raise DataError(
            f"none of {len(found)} held-out events weighs {least:g} or more",
            hint="give a smaller --relevant-from, or none",
        )
    return Split(parts.earlier, parts.later.select(found))


def usable(kind: SplitKind, interactions: Interactions) -> SplitKind:
    """Return the split that ``auto`` stands for: time, or random where most events have no time."""
    if kind != "auto":
        return kind
    return "random" if 2 * int((interactions.at > 0).sum()) < len(interactions) else "time"


def described(asked: SplitKind, interactions: Interactions) -> list[str]:
    """Say how ``auto`` holds out where some events have no time."""
    untimed = int((interactions.at <= 0).sum())
    if asked != "auto" or not untimed:
        return []
    found = f"{untimed} of {len(interactions)} events have no time"
    if usable(asked, interactions) == "time":
        return [f"{found}: they count as older than all others."]
    return [
        f"{found}, so there is no earlier and later: what is held out is drawn at random (--split "
        "random). Figures of such a split are higher than those of what people do next."
    ]


def described_relevance(least: float | None) -> list[str]:
    """Say which held-out events are to be found, where it is not every one."""
    if least is None:
        return []
    return [f"Held-out events that weigh less than {least:g} are not to be found."]


def no_times(interactions: Interactions) -> DataError:
    """Return the error for events of which too few have a time."""
    untimed = int((interactions.at <= 0).sum())
    return DataError(
        f"{untimed} of {len(interactions)} events have no time, so there is no earlier and later",
        hint="load a column of times; engine train, compare, evaluate and tune can judge by a "
        "random hold-out instead: --split random",
    )


def within(kind: SplitKind) -> SplitKind:
    """Return how the training part of a split is cut again, for validation.

    A given split has no second one, and nobody says how it was made: blocks ask for more than a cut
    at random does.
    """
    return "blocked" if kind == "given" else kind


def _by_time(interactions: Interactions, fraction: float) -> BoolArray:
    # An event without a time counts as older than all others: it can be learned from.
    # Events of one moment are ordered by their rows, so the cut never depends on the store.
    order = np.lexsort((interactions.item, interactions.user, interactions.at))
    place = _between_times(interactions.at[order], round(len(order) * (1.0 - fraction)))
    later = np.zeros(len(order), dtype=np.bool_)
    later[order[place:]] = True
    if (interactions.at[later] <= 0).any():
        raise no_times(interactions)
    return later


def _between_times(at: Int64Array, place: int) -> int:
    """Return the place nearest to ``place`` where one time ends and another begins.

    Args:
        at: Times in order.
        place: Where the later part would begin by its share.

    Returns:
        ``place`` itself where all times are one, one part is to be empty, or it has no time.
    """
    if not 0 < place < len(at) or at[place] <= 0:
        return place
    begins, ends = (int(np.searchsorted(at, at[place], side)) for side in ("left", "right"))
    borders = [border for border in (begins, ends) if 0 < border < len(at)]
    return min(borders, key=lambda border: abs(border - place), default=place)


def _pairs(interactions: Interactions) -> tuple[Int64Array, Int64Array]:
    """Return the distinct (user, item) keys and the key's position of every event.

    A pair goes to one part as a whole, so that no event gives away the other part's answer.
    """
    key = interactions.user.astype(np.int64) * interactions.n_items + interactions.item
    distinct, position = np.unique(key, return_inverse=True)
    return distinct, position.astype(np.int64)


def _last_of_each_user(interactions: Interactions) -> BoolArray:
    timed = interactions.at > 0
    if not timed.any():
        raise no_times(interactions)
    order = np.lexsort((interactions.at, interactions.user))
    users = interactions.user[order]
    last = np.zeros(len(order), dtype=np.bool_)
    if len(order):
        last[order[np.append(users[1:] != users[:-1], True)]] = True
    last &= timed
    distinct, position = _pairs(interactions)
    held = np.zeros(len(distinct), dtype=np.bool_)
    held[position[last]] = True
    degree = np.bincount(distinct // interactions.n_items, minlength=interactions.n_users)
    held &= degree[distinct // interactions.n_items] > 1
    return np.asarray(held[position], dtype=np.bool_)


def _at_random(
    interactions: Interactions, generator: np.random.Generator, fraction: float
) -> BoolArray:
    distinct, position = _pairs(interactions)
    users = distinct // interactions.n_items
    shuffled = np.lexsort((generator.random(len(distinct)), users))
    degree = np.bincount(users, minlength=interactions.n_users)
    first = np.concatenate(([0], np.cumsum(degree)[:-1]))
    rank = np.empty(len(distinct), dtype=np.int64)
    rank[shuffled] = np.arange(len(distinct)) - first[users[shuffled]]
    held = rank < np.floor(degree[users] * fraction + 0.5)
    held &= degree[users] > 1
    return np.asarray(held[position], dtype=np.bool_)


def _in_blocks(
    interactions: Interactions, generator: np.random.Generator, fraction: float
) -> BoolArray:
    held = blocked_split.hold_out_blocks(interactions, generator, fraction).tocoo()
    distinct, position = _pairs(interactions)
    keys = held.row.astype(np.int64) * interactions.n_items + held.col
    return np.asarray(np.isin(distinct, keys)[position], dtype=np.bool_)


def _given(interactions: Interactions) -> BoolArray:
    if TEST_EVENT not in interactions.events:
        raise DataError(
            "no event is of the kind 'test', so the data brings no split of its own",
            hint="load the test part with engine ingest --event test, or leave --split out",
        )
    later: BoolArray = interactions.event == interactions.events.index(TEST_EVENT)
    return later

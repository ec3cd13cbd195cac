"""Baskets by hand: named ones, sessions, users; what is too large is sampled."""

import numpy as np
import pytest

from engine.data import baskets
from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary

MINUTE = 60_000
START = 1_700_000_000_000


def history(rows: list[tuple[int, int, int]], n_items: int = 5) -> Interactions:
    """Rows of (user, item, at), sorted by user and time."""
    user, item, at = (np.array(column) for column in zip(*rows, strict=True))
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(int(user.max()) + 1)]),
        Vocabulary([f"i{n:04}" for n in range(n_items)]),
        user,
        item,
        at=at,
        events=("buy",),
    )


def _together(codes: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(codes == code).tolist()) for code in codes}


def test_sessions_end_where_nothing_happens_for_the_gap() -> None:
    times = [0, 29 * MINUTE, 59 * MINUTE, 70 * MINUTE]
    rows = [(0, 0, START + time) for time in times] + [(1, 0, START + 70 * MINUTE), (2, 0, 0)]
    known = history([*rows, (2, 1, 0), (2, 2, START)])
    none = np.full(len(known), -1, dtype=np.int64)
    found = baskets.basket_of(known, none, "session", 30 * MINUTE)
    assert _together(found) == {frozenset(group) for group in ({0, 1}, {2, 3}, {4}, {5, 6}, {7})}
    whole = baskets.basket_of(known, none, "user", 30 * MINUTE)
    assert _together(whole) == {frozenset(group) for group in ({0, 1, 2, 3}, {4}, {5, 6, 7})}


def test_a_named_basket_is_one_users_and_the_rest_are_sessions() -> None:
    known = history([(0, 0, 1), (0, 1, 2), (0, 2, 3), (1, 0, 1), (1, 1, 90 * MINUTE)])
    named = np.array([7, -1, 7, 7, -1])
    found = baskets.basket_of(known, named, "basket", 30 * MINUTE)
    assert _together(found) == {frozenset(group) for group in ({0, 2}, {1}, {3}, {4})}


def test_a_name_counts_within_a_user_and_a_day_where_there_is_none() -> None:
    day = 24 * 60 * MINUTE
    days = [(0, 0, 1.2), (0, 1, 1.9), (0, 2, 2.1), (1, 0, 1.2), (1, 1, 2.2)]
    known = history([(user, item, int(at * day)) for user, item, at in days])
    assert baskets.named_or_by_day(known, None).tolist() == [0, 0, 1, 2, 3]
    named = np.array([5, -1, 5, 5, -1])
    assert baskets.named_or_by_day(known, named).tolist() == [0, 1, 0, 2, 3]


def test_an_item_is_in_a_basket_once_and_a_weight_of_nothing_is_no_member() -> None:
    known = history([(0, 0, 1), (0, 0, 2), (0, 1, 3), (0, 2, 4)])
    filled = baskets.fill(known, np.zeros(4, dtype=np.int64), np.array([1.0, 0.5, 0.0, 2.0]), 9)
    assert filled.weights.toarray().tolist() == [[1.0, 0.0, 2.0, 0.0, 0.0]]
    assert filled.weights.nnz == 2
    assert filled.holds.toarray().tolist() == [[1, 0, 1, 0, 0]]


def test_what_is_too_large_keeps_a_sample_that_stays_as_others_come() -> None:
    rows = [(0, item, 1) for item in range(3)] + [(1, item, 1) for item in range(1000)]
    known = history(rows, n_items=1000)
    codes = known.user.astype(np.int64)
    filled = baskets.fill(known, codes, np.ones(len(known)), 100)
    kept = filled.weights.toarray() > 0
    assert (filled.capped, filled.left_out) == (1, 900)
    assert kept.sum(axis=1).tolist() == [3, 100]
    # No part of the catalogue is preferred: a hundred of a thousand, 10 to be had in each tenth.
    assert (kept[1].reshape(10, 100).sum(axis=1) < 25).all()
    fewer = known.select((known.user == 1) & (known.item != 999))
    again = baskets.fill(fewer, np.zeros(len(fewer), dtype=np.int64), np.ones(len(fewer)), 100)
    before = set(np.flatnonzero(kept[1]))
    assert len(before & set(np.flatnonzero(again.weights.toarray()[0]))) >= 99


@pytest.mark.parametrize(
    ("events", "named", "unit", "said"),
    [
        ([(0, 0, 1), (0, 1, 2)], [3, 4], "basket", ""),
        ([(0, 0, 1), (0, 1, 2)], [3, 4], "user", "everything that a user ever had"),
        ([(0, 0, 0), (0, 1, 0)], [-1, -1], "basket", "2 of 2 events name no basket"),
        ([(0, 0, 0), (0, 1, 0)], [-1, -1], "basket", "no time, so a user's are all one basket"),
        ([(0, 0, 5), (0, 1, 5)], [-1, -1], "basket", "one timestamp, so a user's are all one"),
        ([(0, 0, 1), (0, 1, 2)], [3, -1], "basket", "1 of 2 events name no basket"),
        ([(0, 0, 1), (0, 1, 2)], [3, 4], "session", "2 of 2 events count by session. A session"),
        ([(0, 0, 0), (0, 1, 2)], [-1, -1], "basket", "1 have no time"),
    ],
)
def test_it_is_said_what_a_basket_is(
    events: list[tuple[int, int, int]], named: list[int], unit: baskets.Unit, said: str
) -> None:
    found = baskets.described(history(events), np.array(named), unit, 30.0)
    assert said in found if said else not found

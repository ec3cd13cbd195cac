"""Sequences: order, what is newest, and what is refused."""

import numpy as np
import pytest

from engine.data import sequences
from engine.data.interactions import Interactions
from engine.data.sequences import Sequences
from engine.data.vocabulary import Vocabulary
from engine.errors import DataError


def events(user: list[int], item: list[int], at: list[int]) -> Interactions:
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(4)]),
        Vocabulary([f"i{n}" for n in range(9)]),
        user,
        item,
        at=at,
    )


def test_the_newest_events_come_oldest_first_and_from_the_left() -> None:
    found = sequences.newest(
        events([0, 0, 0, 2, 0, 3], [5, 1, 7, 3, 2, 8], [30, 10, 20, 5, 40, 6]), 3
    )
    assert found.items.tolist() == [[7, 5, 2], [0, 0, 0], [3, 0, 0], [8, 0, 0]]
    assert found.at.tolist() == [[20, 30, 40], [0, 0, 0], [5, 0, 0], [6, 0, 0]]
    assert found.counts.tolist() == [3, 0, 1, 1]
    assert found.inside.tolist() == [
        [True, True, True],
        [False] * 3,
        [True, False, False],
        [True, False, False],
    ]


def test_events_of_one_moment_come_by_item_however_they_are_stored() -> None:
    one = sequences.newest(events([0, 0, 0], [4, 2, 3], [7, 7, 7]), 5)
    other = sequences.newest(events([0, 0, 0], [3, 4, 2], [7, 7, 7]), 5)
    assert one.items[0].tolist() == other.items[0].tolist() == [2, 3, 4]


def test_drawn_numbers_order_one_moment_and_nothing_else() -> None:
    given = events([0, 0, 0, 0], [4, 1, 2, 3], [6, 7, 7, 8])
    placed = sequences.order(given, np.array([0.0, 0.1, 0.9, 0.5]))
    assert given.item[placed].tolist() == [4, 1, 2, 3]
    placed = sequences.order(given, np.array([0.4, 0.9, 0.1, 0.5]))
    assert given.item[placed].tolist() == [4, 2, 1, 3]


def test_an_event_without_time_has_no_order() -> None:
    with pytest.raises(DataError, match="1 of 2 events have no time"):
        sequences.order(events([0, 0], [1, 2], [0, 5]))


def test_nothing_is_taken_of_no_events() -> None:
    found = sequences.newest(events([], [], []), 3)
    assert found.items.shape == (4, 1)
    assert not found.counts.any()
    assert len(Sequences(found.items, found.at, found.counts)) == 4

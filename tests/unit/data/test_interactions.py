"""Interactions are columns; the matrix they make is the one written by hand."""

import numpy as np

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary


def _three_events() -> Interactions:
    return Interactions.of(
        Vocabulary(["u", "v"]),
        Vocabulary(["a", "b", "c"]),
        np.array([0, 0, 1], np.int32),
        np.array([2, 2, 0], np.int32),
        weight=np.array([1.5, 2.0, 1.0], np.float32),
        at=np.array([1, 2, 3], np.int64),
        events=("purchase",),
    )


def test_weights_of_a_pair_are_added_up() -> None:
    assert _three_events().csr().toarray().tolist() == [[0, 0, 3.5], [1, 0, 0]]
    assert _three_events().csr(binary=True).toarray().tolist() == [[0, 0, 1], [1, 0, 0]]


def test_a_selection_keeps_the_rows() -> None:
    later = _three_events().select(np.array([False, True, True]))

    assert (len(later), later.n_users, later.n_items) == (2, 2, 3)
    assert later.item_counts().tolist() == [1, 0, 1]


def test_events_in_any_order_become_columns_in_theirs() -> None:
    users, items = Vocabulary(["u", "v"]), Vocabulary(["a", "b", "c"])
    made = Interactions.of(users, items, [1, 0, 0], [2, 1, 0], at=[5, 9, 7], weight=[1, 2, 3])
    assert made.user.tolist() == [0, 0, 1]
    assert made.item.tolist() == [0, 1, 2]
    assert made.at.tolist() == [7, 9, 5]
    assert made.weight.tolist() == [3, 2, 1]
    assert made.event.tolist() == [0, 0, 0]
    kinds = [column.dtype.str[1:] for column in (made.user, made.item, made.weight, made.at)]
    assert kinds == ["i4", "i4", "f4", "i8"]


def test_joined_events_are_those_of_one_and_then_of_the_other() -> None:
    made = _three_events()
    both = made.select(np.array([True, False, False])).joined(made)
    assert both.user.tolist() == [0, 0, 0, 1]
    assert both.item.tolist() == [2, 2, 2, 0]
    assert both.weight.tolist() == [1.5, 1.5, 2.0, 1.0]
    assert both.at.tolist() == [1, 1, 2, 3]
    assert both.event.tolist() == [0, 0, 0, 0]
    assert (both.n_users, both.n_items, both.events) == (2, 3, ("purchase",))

"""What is folded in between two trainings, against numbers worked out by hand."""

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.evaluation import fold_in

DAY = 86_400_000
ITEMS = np.array([[1, 0], [0, 1], [0.6, 0.8], [0, 0]], dtype=np.float32)
USERS = np.array([[1, 0], [0, 1], [0, 0], [0, 0]], dtype=np.float32)


def _events(*rows: tuple[int, int, float]) -> Interactions:
    users, items = Vocabulary(["a", "b", "c", "d"]), Vocabulary(["i", "j", "k", "l"])
    return Interactions.of(
        users,
        items,
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([row[1] for row in rows], dtype=np.int64),
        at=np.array([int((100 + row[2]) * DAY) for row in rows], dtype=np.int64),
        events=("buy",),
    )


def _folded(events: Interactions, cosine: bool = True, weight: float = 0.5) -> np.ndarray:
    return fold_in.folded(
        USERS, ITEMS, events, 100 * DAY, weight=weight, half_life_days=10.0, cosine=cosine
    )


def test_what_is_new_moves_the_vector_and_what_is_old_does_not() -> None:
    # User a: j is new, k is old; user b: nothing is new.
    found = _folded(_events((0, 1, 5.0), (0, 2, -1.0), (1, 0, 0.0)))
    assert found[0] == pytest.approx(np.array([1, 0.5]) / np.sqrt(1.25))
    assert found[1] == pytest.approx([0, 1])


def test_the_newer_counts_more_and_an_item_counts_once() -> None:
    # j today, i a half-life ago and, which counts no more, two half-lives ago.
    found = _folded(_events((0, 1, 30.0), (0, 0, 20.0), (0, 0, 10.0)))
    direction = np.array([0.5, 1.0]) / np.sqrt(1.25)
    moved = np.array([1, 0]) + 0.5 * direction
    assert found[0] == pytest.approx(moved / np.linalg.norm(moved))


def test_who_is_new_is_placed_by_everything_and_trusted_little() -> None:
    found = _folded(_events((2, 0, -50.0), (2, 3, 1.0), (2, 1, -50.0)))
    # The item without a vector says nothing, and is not counted.
    assert found[2] == pytest.approx(2 / (2 + 5) * np.array([1, 1]) / np.sqrt(2))
    assert found[3] == pytest.approx([0, 0])


def test_what_has_no_time_comes_last_and_has_no_age() -> None:
    found = _folded(_events((2, 1, -100.0), (2, 0, 20.0), (2, 2, 10.0)))
    direction = np.array([0, 1]) + np.array([1, 0]) + 0.5 * np.array([0.6, 0.8])
    assert found[2] == pytest.approx(3 / (3 + 5) * direction / np.linalg.norm(direction))


def test_inner_products_keep_the_length_of_what_is_added() -> None:
    found = _folded(_events((0, 1, 5.0)), cosine=False)
    assert found[0] == pytest.approx([1, 0.5])


def test_only_the_newest_fifty_items_count() -> None:
    many = 60
    items = np.zeros((many, many), dtype=np.float32)
    np.fill_diagonal(items, 1.0)
    events = Interactions.of(
        Vocabulary(["a"]),
        Vocabulary([f"i{n:02}" for n in range(many)]),
        np.zeros(many, dtype=np.int64),
        np.arange(many, dtype=np.int64),
        at=np.arange(1, many + 1, dtype=np.int64) * DAY,
        events=("buy",),
    )
    found = fold_in.folded(
        np.zeros((1, many), dtype=np.float32),
        items,
        events,
        0,
        weight=0.5,
        half_life_days=1e9,
        cosine=True,
    )
    assert (found[0] > 0).tolist() == [False] * 10 + [True] * 50

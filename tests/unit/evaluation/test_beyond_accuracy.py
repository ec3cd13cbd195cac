import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.evaluation import beyond_accuracy

# i0 was had by all four users, i1 by two, i2 by one, i3 by none; u0 came back to i0.
PAIRS = [(0, 0), (0, 0), (1, 0), (2, 0), (3, 0), (0, 1), (1, 1), (2, 2)]


def events() -> Interactions:
    user, item = (np.array(column, dtype=np.int32) for column in zip(*PAIRS, strict=True))
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(4)]), Vocabulary([f"i{n}" for n in range(4)]), user, item
    )


def test_popularity_counts_users_not_events() -> None:
    assert beyond_accuracy.popularity_of_items(events().csr(binary=True)).tolist() == [4, 2, 1, 0]


def test_novelty_is_the_mean_of_bits_over_places_and_then_over_lists() -> None:
    popularity = np.array([4.0, 2.0, 1.0, 0.0])
    # -log2(4/4) = 0, -log2(2/4) = 1, -log2(1/4) = 2; an empty place and an empty list count nought.
    lists = np.array([[0, 1], [2, -1], [-1, -1]])
    assert beyond_accuracy.novelty(lists, popularity, 4) == pytest.approx((0.5 + 2.0) / 2)


def test_what_nobody_had_is_as_novel_as_what_one_had() -> None:
    popularity = np.array([4.0, 2.0, 1.0, 0.0])
    assert beyond_accuracy.novelty(np.array([[3]]), popularity, 4) == pytest.approx(2.0)


def test_popularity_lift_compares_with_what_the_users_had() -> None:
    had = events().csr(binary=True)
    popularity = beyond_accuracy.popularity_of_items(had)
    users = np.array([0, 2])  # they had (4 + 2) / 2 = 3 and (4 + 1) / 2 = 2.5 on average: 2.75
    all_the_best = np.array([[0, -1], [0, -1]])
    assert beyond_accuracy.popularity_lift(all_the_best, users, had, popularity) == pytest.approx(
        4 / 2.75 - 1
    )
    only_one = np.array([[1, 2], [-1, -1]])  # the second user has no list: neither side counts it
    assert beyond_accuracy.popularity_lift(only_one, users, had, popularity) == pytest.approx(
        1.5 / 3 - 1
    )


def test_gini_by_hand() -> None:
    listable = np.array([True, True, True, False])
    assert beyond_accuracy.gini(np.array([[0, 1, 2]]), listable) == pytest.approx(0.0)
    # Shown 0, 1, 3 times: Σ (2 r - n - 1) x_r / (n Σ x) = (-2·0 + 0·1 + 2·3) / (3·4).
    lists = np.array([[0, 1], [0, -1], [0, -1]])
    assert beyond_accuracy.gini(lists, listable) == pytest.approx(0.5)
    assert beyond_accuracy.gini(np.full((2, 3), -1), listable) == 0.0


def test_shared_items_is_the_mean_over_pairs_of_lists() -> None:
    lists = np.array([[0, 1, 2], [1, 2, 3], [2, 5, -1]])
    # 0 and 1 share two items, 0 and 2 one, 1 and 2 one.
    assert beyond_accuracy.shared_items(lists) == pytest.approx((2 + 1 + 1) / 3)


def test_one_list_for_everybody_is_shared_whole_and_one_list_with_nobody() -> None:
    assert beyond_accuracy.shared_items(np.array([[4, 7]] * 5)) == pytest.approx(2.0)
    assert beyond_accuracy.shared_items(np.array([[4, 7]])) == 0.0

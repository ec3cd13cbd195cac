import numpy as np
import pytest

from engine.evaluation.item_to_item import PairQuality, cutoff_of, measure, ranks

# Beside item 0: 1, then 2 and 3 alike, then 4; item 5 may not be listed.
ITEMS = np.array([[1, 0], [0.9, 0.1], [0.5, 0.2], [0.5, 0.3], [0.1, 0.9], [2, 0]], np.float32)
KNOWN = np.array([True] * 5 + [False])


def test_ranks_by_hand() -> None:
    queries = np.array([0, 0, 0, 0, 1])
    positives = np.array([1, 2, 3, 4, 0])
    # A tie counts half: one level with it puts an item half a rank back, rounded down.
    assert ranks(ITEMS, KNOWN, (queries, positives)).tolist() == [1, 2, 2, 4, 1]


def test_the_query_stands_in_nobody_s_way() -> None:
    items = np.array([[1, 0], [0.5, 0], [0.2, 0]], np.float32)
    found = ranks(items, np.ones(3, dtype=np.bool_), (np.array([0, 1]), np.array([1, 2])))
    assert found.tolist() == [1, 2]


def test_hit_rate_and_scaled_mrr_by_hand() -> None:
    # Of 500 items a tenth is 50, and the step 10: ranks fall into tens.
    assert cutoff_of(500, 0.1) == (50, 10)
    found = measure(np.array([1, 10, 11, 50, 51]), 500, 0.1)
    assert found == PairQuality(
        pytest.approx(4 / 5), pytest.approx((1 + 1 + 1 / 2 + 1 / 5 + 1 / 6) / 5)
    )


def test_the_paper_s_own_cut() -> None:
    assert cutoff_of(5_000_000, 0.0001) == (500, 100)
    assert cutoff_of(20, 0.0001) == (1, 1)


def test_ties_are_halved_and_many_pairs_are_ranked_as_few_are() -> None:
    """Five items beside the first are alike: 2 of the 4 others stand before each. In batches."""
    items = np.zeros((3_001, 2), np.float32)
    items[:, 0] = np.r_[1.0, np.full(5, 0.5), np.zeros(2_995)]
    known = np.arange(3_001) < 6
    queries = np.zeros(12_000, dtype=np.int64)
    positives = np.tile(np.arange(1, 6), 2_400)
    found = ranks(items, known, (queries, positives))
    assert found.dtype == np.int64
    assert found.tolist() == [3] * 12_000


def test_what_may_not_be_listed_stands_before_nothing() -> None:
    items = np.array([[1, 0], [0.5, 0], [0.9, 0], [0.8, 0]], np.float32)
    known = np.array([True, True, False, True])
    pairs = np.array([0]), np.array([1])
    assert ranks(items, known, pairs).tolist() == [2]
    assert ranks(items, np.ones(4, dtype=bool), pairs).tolist() == [3]

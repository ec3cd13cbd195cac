"""The exact reduction, exact top lists and their overlap."""

import numpy as np
import pytest

from engine.graph import index_recall


def test_the_reduction_ranks_by_cosine_as_the_dot_product_does(rng: np.random.Generator) -> None:
    users = rng.normal(size=(20, 8)).astype(np.float32)
    items = (rng.normal(size=(200, 8)) * rng.uniform(0.1, 5, (200, 1))).astype(np.float32)

    longer_users, longer_items, scale = index_recall.reduce_dot_to_cosine(users, items)

    cosine = index_recall.unit(longer_users) @ index_recall.unit(longer_items).T
    dot = users @ items.T
    norms = np.linalg.norm(users, axis=1, keepdims=True)
    np.testing.assert_allclose(cosine * norms * scale, dot, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(longer_items, axis=1), scale, rtol=1e-5)


def test_zeros_stay_zeros(rng: np.random.Generator) -> None:
    items = rng.normal(size=(4, 3)).astype(np.float32)
    items[2] = 0
    assert not index_recall.unit(items)[2].any()
    assert not index_recall.reduce_dot_to_cosine(items, items)[1][2].any()


def test_a_vector_of_any_length_has_length_one(rng: np.random.Generator) -> None:
    items = rng.normal(size=(4, 3)).astype(np.float32)
    items[1:3] = np.array([[3e38, 3e38, 3e38], [1e-40, 0, 0]], np.float32)
    found = index_recall.unit(items)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, rtol=1e-6)
    np.testing.assert_array_equal(found[[0, 3]], index_recall.unit(items[[0, 3]]))


def test_exact_top_is_that_of_a_full_sort(rng: np.random.Generator) -> None:
    users = rng.normal(size=(300, 5)).astype(np.float32)
    items = rng.normal(size=(50, 5)).astype(np.float32)
    bonus = rng.normal(size=50).astype(np.float32)
    full = np.argsort(-(users @ items.T + bonus), axis=1)[:, :7]
    np.testing.assert_array_equal(index_recall.exact_top(users, items, bonus, 7), full)
    assert index_recall.exact_top(users, items, bonus, 99).shape == (300, 50)


def test_overlap_counts_members_not_order() -> None:
    truth = np.array([[1, 2], [3, 4]])
    assert index_recall.overlap(truth, [[2, 1], [3, 9]]) == pytest.approx(0.75)
    assert index_recall.overlap(truth[:0], []) == 1.0

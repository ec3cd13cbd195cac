import numpy as np
import torch

from engine.training import negatives


def test_shared_negatives_are_different_items() -> None:
    found = negatives.shared(50, 20, np.random.default_rng(0)).tolist()
    assert len(set(found)) == 20
    assert set(found) <= set(range(50))


def test_a_small_catalogue_is_taken_whole() -> None:
    assert negatives.shared(5, 20, np.random.default_rng(0)).tolist() == [0, 1, 2, 3, 4]


def test_in_batch_holds_each_item_once() -> None:
    assert negatives.in_batch(torch.tensor([3, 1, 3])).tolist() == [1, 3]


def test_negatives_come_from_where_they_are_asked_for() -> None:
    present, positives = np.array([1, 4, 6, 9]), torch.tensor([6, 2, 6])
    for source, allowed in (
        ("uniform", {1, 4, 6, 9}),
        ("in-batch", {2, 6}),
        ("both", {1, 2, 4, 6, 9}),
    ):
        found = negatives.draw(source, present, 3, positives, np.random.default_rng(0)).tolist()
        assert len(found) == len(set(found))
        assert set(found) <= allowed
        assert source == "uniform" or {2, 6} <= set(found)

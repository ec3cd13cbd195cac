import numpy as np
import pytest

from engine.errors import UnknownModel
from engine.evaluation.baselines import ALWAYS, BASELINES, baseline
from tests.unit.three_users import DATA


def test_the_plain_methods_stand_by_name() -> None:
    assert set(BASELINES) == {*ALWAYS, "item-knn"}


def test_popular_ranks_the_most_used_item_first_for_everybody() -> None:
    scores = BASELINES["popular"](DATA)(np.array([0, 1, 2]))
    assert scores.shape == (3, 3)
    assert scores.argmax(axis=1).tolist() == [0, 0, 0]


def test_buy_again_knows_own_items_only() -> None:
    scores = BASELINES["buy-again"](DATA)(np.array([0, 1]))
    assert scores[0, 0] > scores[0, 1] > scores[0, 2]
    assert scores[1, 2] > scores[1, 1]


def test_the_same_events_give_the_same_scores() -> None:
    rows = np.array([0, 1, 2])
    first, second = (baseline("item-knn")(DATA)(rows) for _ in range(2))
    assert np.array_equal(first, second)


def test_a_name_that_is_no_plain_method_is_refused() -> None:
    with pytest.raises(UnknownModel):
        baseline("word2vec")

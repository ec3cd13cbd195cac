import numpy as np
import pytest

from engine.evaluation import link_prediction
from engine.evaluation.link_prediction import FriendshipSplit

# Five users; 0-1 and 0-2 are known; 0-3 and 1-2 are hidden.
SPLIT = FriendshipSplit(5, np.array([[0, 1], [0, 2]]), np.array([[0, 3], [1, 2]]))
SCORES = np.array(
    [
        [9.0, 9.0, 9.0, 2.0, 5.0],  # 0 may be shown 3 and 4: the hidden 3 is second
        [9.0, 9.0, 4.0, 1.0, 4.0],  # 1 may be shown 2, 3, 4: the hidden 2 ties with 4
        [9.0, 7.0, 9.0, 1.0, 2.0],  # 2 may be shown 1, 3, 4: the hidden 1 is first
        [0.0, 3.0, 2.0, 9.0, 1.0],  # 3 may be shown 0, 1, 2, 4: the hidden 0 is last
        [0.0, 0.0, 0.0, 0.0, 0.0],  # 4 has no hidden friend and does not count
    ]
)


def test_the_protocol_by_hand() -> None:
    found = link_prediction.evaluate(SPLIT, lambda rows: SCORES[rows], 2, np.random.default_rng(0))
    # AUC: user 0 has one wrong pair, user 1 a tie and a right one, user 2 all right, user 3 none.
    assert found.auc == pytest.approx((0 + 0.75 + 1 + 0) / 4)
    assert found.users == 4
    # The tie decides only whether the hidden one is first or second of two.
    assert found.recall == pytest.approx((1 + 1 + 1 + 0) / 4)
    second = 1 / np.log2(3)
    assert found.ndcg in (pytest.approx((second + tied + 1) / 4) for tied in (second, 1.0))


def test_ties_are_broken_at_random() -> None:
    rng = np.random.default_rng(1)
    firsts = [
        link_prediction.evaluate(SPLIT, lambda rows: np.zeros((len(rows), 5)), 1, rng).recall
        for _ in range(400)
    ]
    # The chance to be first: one of 2, of 3, of 3 and of 4 who may be shown.
    assert np.mean(firsts) == pytest.approx((1 / 2 + 1 / 3 + 1 / 3 + 1 / 4) / 4, abs=0.04)


def test_hidden_edges_are_a_share_of_all_and_no_longer_known() -> None:
    rng = np.random.default_rng(2)
    edges = rng.integers(0, 50, (600, 2))
    split = link_prediction.hide(edges, 50, 0.2, rng)
    pairs = {frozenset(pair) for pair in edges.tolist() if pair[0] != pair[1]}
    known = {frozenset(pair) for pair in split.known.tolist()}
    hidden = {frozenset(pair) for pair in split.hidden.tolist()}
    assert known | hidden == pairs
    assert not known & hidden
    assert len(split.hidden) == len(hidden) == round(0.2 * len(pairs))
    adjacency = split.adjacency().toarray()
    assert (adjacency == adjacency.T).all()
    assert adjacency.sum() == 2 * len(known)


def test_baselines() -> None:
    assert link_prediction.degree_scores(SPLIT)(np.array([3])).tolist() == [[2, 1, 1, 0, 0]]
    drawn = link_prediction.random_scores(5, np.random.default_rng(0))(np.array([1, 2]))
    assert drawn.shape == (2, 5)
    with pytest.raises(ValueError, match="between 0 and 1"):
        link_prediction.hide(SPLIT.known, 5, 1.0, np.random.default_rng(0))

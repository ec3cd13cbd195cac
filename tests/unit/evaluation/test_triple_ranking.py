import numpy as np
import pytest
from scipy.stats import rankdata

from engine.errors import ModelError
from engine.evaluation.triple_ranking import evaluate

# Score of (head, tail), one relation: rows are heads.
SCORES = np.array(
    [[0.9, 0.5, 0.5, 0.1], [0.2, 0.2, 0.2, 0.2], [1, 2, 3, 4], [4, 3, 2, 1]], dtype=np.float32
)


def tails(heads: np.ndarray, _: np.ndarray) -> np.ndarray:
    return SCORES[heads]


def heads(_: np.ndarray, tails: np.ndarray) -> np.ndarray:
    return SCORES[:, tails].T


def test_ranks_by_hand_filtered_and_with_ties() -> None:
    asked, known = np.array([[0, 0, 1], [1, 0, 3]]), np.array([[0, 0, 0], [3, 0, 1]])
    found = evaluate(asked, known, tails, heads, 4)
    # Node 0 is known and left out, node 2 is a tie; in the second row all four are.
    assert found.tails.tolist() == [1.5, 2.5]
    # Of heads for tail 1: node 3 is known and left out, node 2 is better; for tail 3 nodes 2, 3.
    assert found.heads.tolist() == [2.0, 3.0]
    metrics = found.metrics()
    assert metrics["mr"] == pytest.approx(9 / 4)
    assert metrics["mrr"] == pytest.approx((1 / 1.5 + 1 / 2.5 + 1 / 2 + 1 / 3) / 4)
    assert [metrics[f"hits@{k}"] for k in (1, 3, 10)] == [0.0, 1.0, 1.0]


def test_ranks_are_those_of_a_loop_over_everything() -> None:
    rng = np.random.default_rng(7)
    nodes, relations = 17, 3
    scores = rng.integers(0, 6, (nodes, relations, nodes)).astype(np.float32)
    triples = np.unique(rng.integers(0, (nodes, relations, nodes), (150, 3)), axis=0)
    asked = triples[rng.permutation(len(triples))[:60]]
    true = {tuple(row) for row in triples.tolist()}
    found = evaluate(
        asked,
        triples,
        lambda head, relation: scores[head, relation],
        lambda relation, tail: scores[:, relation, tail].T,
        nodes,
    )
    for row, (head, relation, tail) in enumerate(asked.tolist()):
        left = [n for n in range(nodes) if n == tail or (head, relation, n) not in true]
        ranks = rankdata(-scores[head, relation, left], method="average")
        assert found.tails[row] == ranks[left.index(tail)]
        left = [n for n in range(nodes) if n == head or (n, relation, tail) not in true]
        ranks = rankdata(-scores[left, relation, tail], method="average")
        assert found.heads[row] == ranks[left.index(head)]


def test_a_model_that_tells_nothing_apart_is_in_the_middle() -> None:
    asked = np.array([[0, 0, 1]])
    found = evaluate(
        asked, asked, lambda a, _: np.zeros((len(a), 9)), lambda a, _: np.zeros((len(a), 9)), 9
    )
    assert found.ranks.tolist() == [5.0, 5.0]


def test_scores_that_are_no_numbers_are_refused() -> None:
    asked = np.array([[0, 0, 1]])
    broken = np.full((1, 4), np.nan, dtype=np.float32)
    with pytest.raises(ModelError, match="finite"):
        evaluate(asked, asked, lambda *_: broken, lambda *_: broken, 4)

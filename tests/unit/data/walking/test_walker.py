"""Walks whose next step depends on the present node: χ² against exact probabilities."""

import numpy as np
import pytest

from engine.data.walking.walk_tables import Rows
from engine.data.walking.walker import metapath_walks, random_walks

from ....chi_square import likelihood, steps

_RARE = 1e-6
_WEIGHTS = np.array(
    [
        [0, 5, 1, 0, 0],
        [5, 0, 2, 1, 0],
        [1, 2, 0, 0, 0],
        [0, 1, 0, 0, 3],
        [0, 0, 0, 3, 0],
    ],
    dtype=np.float64,
)
_EVEN = (_WEIGHTS > 0) / (_WEIGHTS > 0).sum(axis=1, keepdims=True)
_BY_WEIGHT = _WEIGHTS / _WEIGHTS.sum(axis=1, keepdims=True)


def _rows(matrix: np.ndarray, *, weighted: bool = False) -> Rows:
    source, target = np.nonzero(matrix)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=len(matrix)))])
    weights = matrix[source, target] if weighted else None
    return Rows.from_csr(indptr, target.astype(np.int32), weights, matrix.shape[1])


def _starts(n: int, each: int = 20_000) -> np.ndarray:
    return np.tile(np.arange(n, dtype=np.int32), each)


@pytest.mark.parametrize("weighted", [False, True])
def test_steps_have_the_exact_probabilities(weighted: bool, rng: np.random.Generator) -> None:
    walks = random_walks(_rows(_WEIGHTS, weighted=weighted), _starts(5), 6, rng)
    right, wrong = (_BY_WEIGHT, _EVEN) if weighted else (_EVEN, _BY_WEIGHT)
    assert likelihood(steps(walks, 5), right) > _RARE
    assert likelihood(steps(walks, 5), wrong) < _RARE, "the test cannot tell"


def test_a_restart_leads_to_the_start(rng: np.random.Generator) -> None:
    walks = random_walks(_rows(_WEIGHTS, weighted=True), _starts(5), 6, rng, restart=0.3)
    for start in range(5):
        own = steps(walks[walks[:, 0] == start], 5)
        exact = 0.7 * _BY_WEIGHT + 0.3 * np.eye(5)[start]
        assert likelihood(own, exact) > _RARE
        assert likelihood(own, 0.75 * _BY_WEIGHT + 0.25 * np.eye(5)[start]) < _RARE


def test_a_walk_ends_where_no_edge_leads_on(rng: np.random.Generator) -> None:
    # 0 -> 1 -> 2, and 3 alone
    chain = np.zeros((4, 4))
    chain[0, 1] = chain[1, 2] = 1
    for restart in (0.0, 1e-12):
        walks = random_walks(_rows(chain), np.arange(4, dtype=np.int32), 5, rng, restart=restart)
        expected = [[0, 1, 2, -1, -1], [1, 2, -1, -1, -1], [2, -1, -1, -1, -1], [3, -1, -1, -1, -1]]
        assert walks.tolist() == expected
    assert walks.dtype == np.int32


def test_a_restart_revives_no_ended_walk(rng: np.random.Generator) -> None:
    chain = np.array([[0.0, 1.0], [0.0, 0.0]])
    walks = random_walks(_rows(chain), np.zeros(500, dtype=np.int32), 20, rng, restart=0.5)
    ended = walks < 0
    assert ended.any()
    assert (np.diff(ended.astype(int), axis=1) >= 0).all()


def test_a_metapath_takes_its_relations_in_turn(rng: np.random.Generator) -> None:
    # three users, two items, two brands: each relation numbers its own nodes
    bought = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 3.0]])
    made_by = np.array([[1.0, 1.0], [0.0, 1.0]])
    cycle = [_rows(bought), _rows(made_by), _rows(made_by.T.copy()), _rows(bought.T.copy())]
    walks = metapath_walks(cycle, _starts(3), 9, rng)
    pairs = [bought, made_by, made_by.T, bought.T]
    for at in range(8):
        matrix = (pairs[at % 4] > 0).astype(float)
        counts = np.zeros_like(matrix)
        np.add.at(counts, (walks[:, at], walks[:, at + 1]), 1)
        assert likelihood(counts, matrix / matrix.sum(axis=1, keepdims=True)) > _RARE


def test_a_metapath_ends_at_a_dead_end_of_any_relation(rng: np.random.Generator) -> None:
    cycle = [_rows(np.array([[0.0, 1.0, 0.0]])), _rows(np.zeros((3, 1)))]
    assert (
        metapath_walks(cycle, np.zeros(2, dtype=np.int32), 4, rng).tolist() == [[0, 1, -1, -1]] * 2
    )


def test_the_same_seed_gives_the_same_walks() -> None:
    one, two, other = (
        random_walks(_rows(_WEIGHTS), _starts(5, 50), 10, np.random.default_rng(seed))
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


def test_what_cannot_be_walked_is_refused(rng: np.random.Generator) -> None:
    rows = _rows(_WEIGHTS)
    start = np.zeros(1, dtype=np.int32)
    with pytest.raises(ValueError, match="restart"):
        random_walks(rows, start, 5, rng, restart=1.1)
    with pytest.raises(ValueError, match="at least one node"):
        random_walks(rows, start, 0, rng)
    for bad in (-1, 5):
        with pytest.raises(ValueError, match="starts at a node"):
            random_walks(rows, np.array([bad], dtype=np.int32), 5, rng)
    with pytest.raises(ValueError, match="goes on"):
        metapath_walks([_rows(np.ones((2, 3)))], start, 5, rng)
    with pytest.raises(ValueError, match="at least one relation"):
        metapath_walks([], start, 5, rng)

"""node2vec's walks: χ² of second-order transitions against the formula of the paper."""

import numpy as np
import pytest

from engine.data.walking.biased_walker import BiasedWalker

from ....chi_square import second_order_likelihood

_RARE = 1e-6
_PAIRS = [(0.25, 4.0), (4.0, 0.25), (0.5, 0.5), (2.0, 2.0), (1.0, 0.5), (0.1, 1.0)]


def _triangles() -> np.ndarray:
    weights = np.zeros((6, 6))
    edges = [(0, 1, 1), (0, 2, 4), (1, 2, 2), (1, 3, 1), (2, 3, 1), (3, 4, 3), (4, 5, 1), (3, 5, 2)]
    for one, two, weight in edges:
        weights[one, two] = weights[two, one] = weight
    return weights


def _two_sided() -> np.ndarray:
    weights = np.zeros((6, 6))
    for one, two, weight in [(0, 3, 1), (0, 4, 3), (1, 3, 2), (1, 4, 1), (1, 5, 1), (2, 5, 4)]:
        weights[one, two] = weights[two, one] = weight
    return weights


def _directed() -> np.ndarray:
    """Only some edges lead back, one node has a loop, and 4 is a dead end."""
    weights = np.zeros((5, 5))
    for one, two in [(0, 1), (1, 0), (1, 2), (2, 0), (2, 2), (2, 3), (3, 1), (3, 4), (0, 3)]:
        weights[one, two] = 1 + one + 2 * two
    return weights


_GRAPHS = {"triangles": _triangles(), "two-sided": _two_sided(), "directed": _directed()}


def _csr(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    source, target = np.nonzero(matrix)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=len(matrix)))])
    return indptr, target.astype(np.int32), matrix[source, target]


def _walks(
    matrix: np.ndarray,
    weighted: bool,
    p: float,
    q: float,
    rng: np.random.Generator,
    length: int = 8,
) -> np.ndarray:
    indptr, indices, weights = _csr(matrix)
    walker = BiasedWalker(indptr, indices, weights if weighted else None, p=p, q=q)
    starts = np.tile(np.arange(len(matrix), dtype=np.int32), 12_000)
    return walker.walks(starts, length, rng)


@pytest.mark.parametrize("weighted", [False, True], ids=["even", "weighted"])
@pytest.mark.parametrize("graph", _GRAPHS)
@pytest.mark.parametrize(("p", "q"), _PAIRS)
def test_steps_have_the_exact_probabilities(
    graph: str, weighted: bool, p: float, q: float, rng: np.random.Generator
) -> None:
    matrix = _GRAPHS[graph] if weighted else (_GRAPHS[graph] > 0).astype(float)
    walks = _walks(matrix, weighted, p, q, rng)
    assert second_order_likelihood(walks, matrix, p, q) > _RARE
    if p != q:
        assert second_order_likelihood(walks, matrix, q, p) < _RARE, "the test cannot tell p from q"
    if weighted:
        assert second_order_likelihood(walks, (matrix > 0) * 1.0, p, q) < _RARE


def test_a_hub_whose_every_proposal_is_unlikely_is_walked_all_the_same(
    rng: np.random.Generator,
) -> None:
    """A star of 3,000 leaves: from the hub all but the way back weigh 1/1000, and so does that."""
    n = 3_001
    indptr = np.concatenate([[0], np.arange(n - 1, 2 * n - 1)])
    indices = np.concatenate([np.arange(1, n), np.zeros(n - 1)]).astype(np.int32)
    for p, q, returns in ((1000.0, 1000.0, 1 / 3000), (0.001, 1000.0, 1e6 / (1e6 + 2999))):
        walker = BiasedWalker(indptr, indices, p=p, q=q)
        walks = walker.walks(np.arange(1, n, dtype=np.int32), 3, rng)
        assert (walks[:, 1] == 0).all()
        home = int((walks[:, 2] == walks[:, 0]).sum())
        expected = returns * len(walks)
        assert abs(home - expected) < 6 * max(expected * (1 - returns), 1) ** 0.5


def test_a_way_back_a_million_times_less_likely_than_nothing_else_is_taken(
    rng: np.random.Generator,
) -> None:
    pair = np.array([[0.0, 1.0], [1.0, 0.0]])
    walks = _walks(pair, False, 1000.0, 0.001, rng, length=4)
    np.testing.assert_array_equal(walks[:, 0], walks[:, 2])
    np.testing.assert_array_equal(walks[:, 1], walks[:, 3])


def test_walks_end_at_dead_ends_and_use_edges_only(rng: np.random.Generator) -> None:
    matrix = np.pad(_directed(), (0, 1))  # node 5 is alone
    walks = _walks(matrix, True, 0.5, 2.0, rng)
    before, after = walks[:, :-1].ravel(), walks[:, 1:].ravel()
    assert (matrix[before[after >= 0], after[after >= 0]] > 0).all()
    assert (after[(before == 4) | (before == 5) | (before == -1)] == -1).all()
    assert (after[(before >= 0) & (before < 4)] >= 0).all()


def test_the_same_seed_gives_the_same_walks() -> None:
    one, two = (_walks(_triangles(), True, 0.5, 2.0, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(("p", "q"), [(0.0, 1.0), (1.0, -1.0), (np.inf, 1.0), (1.0, np.nan)])
def test_p_and_q_are_above_0(p: float, q: float) -> None:
    with pytest.raises(ValueError, match="p and q"):
        BiasedWalker(*_csr(_triangles()), p=p, q=q)


def test_parallel_edges_are_refused() -> None:
    with pytest.raises(ValueError, match="parallel"):
        BiasedWalker(np.array([0, 2, 2]), np.array([1, 1], dtype=np.int32))

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.models.chebyshev import ChebyshevConfig, ChebyshevFilter, series


def few_users() -> Interactions:
    """Return a graph of many more items than users, one of whom has nothing."""
    user, item = np.nonzero(np.random.default_rng(2).random((6, 60)) < 0.3)
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(7)]),
        Vocabulary([f"i{n}" for n in range(60)]),
        user,
        item,
    )


@pytest.mark.parametrize("few", [False, True])
@pytest.mark.parametrize(
    ("order", "flatness", "power"), [(8, 1.5, 0.4), (3, 2.0, 0.0), (1, 1.0, 0.2)]
)
def test_scores_equal_the_dense_formula(
    small_graph: Interactions, few: bool, order: int, flatness: float, power: float
) -> None:
    if few:
        small_graph = few_users()
    # By eigenvalues: a polynomial of a symmetric matrix is that of each of them.
    seen = small_graph.csr(binary=True).toarray().astype(np.float64)
    user, item = np.maximum(seen.sum(axis=1), 1), np.maximum(seen.sum(axis=0), 1)
    pairs = seen / np.sqrt(user[:, None] * item[None, :])
    values, vectors = np.linalg.eigh(np.eye(len(item)) - 2 * pairs.T @ pairs)
    nodes = np.cos(np.pi * (np.arange(order + 1) + 0.5) / (order + 1))
    falls = 0.5 * np.abs(nodes) ** flatness
    plateau = np.where(nodes < 0, 0.5 + falls, 0.5 - falls)
    series_of = np.polynomial.Polynomial.fit(nodes, plateau, order)  # through the same points
    passed = vectors @ np.diag(series_of(values)) @ vectors.T
    right = np.linalg.svd(pairs)[2][:3].T
    both = passed + 0.2 * right @ right.T
    expected = seen @ np.diag(item**-power) @ both @ np.diag(item**power)
    config = ChebyshevConfig(order=order, flatness=flatness, factors=3, degree_power=power)
    found = ChebyshevFilter(small_graph, config, np.random.default_rng(0)).score(
        np.arange(len(user))
    )
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_the_series_runs_from_all_to_nothing() -> None:
    # -1 is what the graph smooths most, 1 what it smooths least.
    ends = np.polynomial.chebyshev.chebval(np.array([-1.0, 0.0, 1.0]), series(24, 2.0))
    np.testing.assert_allclose(ends, [1.0, 0.5, 0.0], atol=0.05)

"""Pearson's test of drawn transitions against their exact probabilities."""

import numpy as np
import numpy.typing as npt
from scipy import stats

Matrix = npt.NDArray[np.float64]


def likelihood(counts: npt.ArrayLike, exact: npt.ArrayLike) -> float:
    """Return how likely counts this far off are, were the probabilities ``exact``.

    Both are ``(contexts, outcomes)``; the rows of ``exact`` sum to 1. An outcome that cannot be
    makes it 0. A context must have been seen often enough for the test to hold.
    """
    seen, exact = np.atleast_2d(np.asarray(counts, float)), np.atleast_2d(np.asarray(exact, float))
    assert np.allclose(exact.sum(axis=1), 1)
    if (seen[exact == 0] > 0).any():
        return 0.0
    expected = exact * seen.sum(axis=1, keepdims=True)
    possible = exact > 0
    assert expected[possible].min() >= 5, "more walks are needed"
    statistic = ((seen - expected)[possible] ** 2 / expected[possible]).sum()
    free = possible.sum() - len(seen)
    return float(stats.chi2.sf(statistic, free)) if free else 1.0


def steps(walks: npt.NDArray[np.int32], n: int) -> Matrix:
    """Count the steps from one node to another, ``(n, n)``; walks end at -1."""
    counts = np.zeros((n, n))
    before, after = walks[:, :-1].ravel(), walks[:, 1:].ravel()
    there = after >= 0
    np.add.at(counts, (before[there], after[there]), 1)
    return counts


def second_steps(walks: npt.NDArray[np.int32], n: int) -> Matrix:
    """Count the steps by the node before, the node and the next, ``(n, n, n)``."""
    counts = np.zeros((n, n, n))
    one, two, three = (walks[:, at : walks.shape[1] - 2 + at].ravel() for at in range(3))
    there = three >= 0
    np.add.at(counts, (one[there], two[there], three[there]), 1)
    return counts


def node2vec(weights: Matrix, p: float, q: float) -> Matrix:
    """Return the exact probabilities of the next node, ``(n, n, n)``, written as the paper does."""
    n = len(weights)
    exact = np.zeros((n, n, n))
    for t in range(n):
        for v in np.flatnonzero(weights[t]):
            for x in np.flatnonzero(weights[v]):
                bias = 1 / p if x == t else 1.0 if weights[t, x] else 1 / q
                exact[t, v, x] = bias * weights[v, x]
            if exact[t, v].sum():
                exact[t, v] /= exact[t, v].sum()
    return exact


def second_order_likelihood(
    walks: npt.NDArray[np.int32], weights: Matrix, p: float, q: float
) -> float:
    """Return how likely walks are, were they node2vec's on these weights."""
    counts, exact = second_steps(walks, len(weights)), node2vec(weights, p, q)
    if counts[exact.sum(axis=2) == 0].any():
        return 0.0
    chosen = exact.sum(axis=2) > 0
    return likelihood(counts[chosen], exact[chosen])

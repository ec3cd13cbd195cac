"""Draws by weight: the tables hold the exact probabilities."""

import numpy as np
import pytest

from engine.data.walking.walk_tables import Rows


def _drawn(rows: Rows, node: int) -> dict[int, float]:
    """Return what the tables say each place of a node is drawn with."""
    assert rows.chance is not None
    assert rows.other is not None
    places = rows.first[node] + np.arange(int(rows.degree[node]))
    exact = dict.fromkeys(places.tolist(), 0.0)
    for place in places.tolist():
        exact[place] += float(rows.chance[place]) / len(places)
        exact[int(rows.other[place])] += (1 - float(rows.chance[place])) / len(places)
    return exact


@pytest.mark.parametrize("kind", ["uniform", "heavy-tailed", "with ties and zeros", "equal"])
def test_alias_tables_give_every_edge_its_share(kind: str, rng: np.random.Generator) -> None:
    for _ in range(50):
        degree = rng.integers(0, 12, size=rng.integers(1, 30))
        indptr, m = np.concatenate([[0], np.cumsum(degree)]), int(degree.sum())
        weights = {
            "uniform": rng.random(m),
            "heavy-tailed": rng.pareto(0.5, m) + 1e-3,
            "with ties and zeros": rng.integers(0, 3, m).astype(float),
            "equal": np.full(m, 7.0),
        }[kind]
        rows = Rows.from_csr(indptr, np.zeros(m, dtype=np.int32), weights)
        for node in range(len(degree)):
            own = weights[indptr[node] : indptr[node + 1]]
            if not own.sum():
                assert rows.target[rows.first[node]] == rows.n_targets, "it has no edge to draw"
                continue
            shares = list(_drawn(rows, node).values())
            np.testing.assert_allclose(shares, own / own.sum(), atol=1e-6)


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf])
def test_a_weight_that_is_none_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="weight"):
        Rows.from_csr(np.array([0, 1]), np.zeros(1, dtype=np.int32), np.array([weight]))

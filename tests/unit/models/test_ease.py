import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.errors import ModelError
from engine.models.ease import Ease, EaseConfig, cost_warning

ALL = np.arange(9)


def test_each_item_is_the_ridge_regression_on_the_others(small_graph: Interactions) -> None:
    # Not the closed form: every column is solved by itself, its own item left out.
    seen, l2 = small_graph.csr(binary=True).toarray().astype(np.float64), 2.0
    expected = np.zeros((9, 7))
    for item in range(7):
        others = [other for other in range(7) if other != item]
        x = seen[:, others]
        weights = np.linalg.solve(x.T @ x + l2 * np.eye(6), x.T @ seen[:, item])
        expected[:, item] = x @ weights
    found = Ease(small_graph, EaseConfig(l2=l2)).score(ALL)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_only_the_most_popular_are_known_when_asked(small_graph: Interactions) -> None:
    found = Ease(small_graph, EaseConfig(items=3)).score(ALL)
    popular = set(np.argsort(-small_graph.item_counts(), kind="stable")[:3].tolist())
    assert set(np.flatnonzero(found.any(axis=0)).tolist()) == popular


def test_a_table_that_is_too_large_is_refused_with_what_would_fit(
    small_graph: Interactions,
) -> None:
    with pytest.raises(ModelError, match="GiB") as caught:
        Ease(small_graph, EaseConfig(most_gib=50 / 2**30))
    assert "items=5" in caught.value.hint
    Ease(small_graph, EaseConfig(most_gib=50 / 2**30, items=5))


def test_what_many_items_cost_is_told_before() -> None:
    assert cost_warning(10_000) == ""
    message = cost_warning(41_000)
    assert "3.1 GiB" in message
    assert "23 minutes" in message  # 41,000³ / 5e10 per second
    assert "--set items=10000" in message

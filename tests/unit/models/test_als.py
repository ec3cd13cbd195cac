import sys

import numpy as np
import pytest

from engine.data.events import MAX_WEIGHT
from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.errors import MissingExtra, ModelError
from engine.models.als import Als, AlsConfig


def test_item_vectors_solve_their_least_squares(small_graph: Interactions) -> None:
    config = AlsConfig(dimension=3, l2=0.5, alpha=4.0, iterations=50)
    found = Als(small_graph, config, np.random.default_rng(0)).embeddings()
    counts = small_graph.csr().toarray().astype(np.float64)
    for item in range(6):
        confidence = 1.0 + 4.0 * counts[:, item]
        left = found.users.T @ (confidence[:, None] * found.users) + 0.5 * np.eye(3)
        right = found.users.T @ (confidence * (counts[:, item] > 0))
        np.testing.assert_allclose(found.items[item], np.linalg.solve(left, right), atol=2e-2)


def test_scores_are_inner_products_and_strangers_have_none(small_graph: Interactions) -> None:
    model = Als(small_graph, AlsConfig(dimension=4), np.random.default_rng(0))
    found = model.embeddings()
    np.testing.assert_allclose(model.score(np.arange(9)), found.users @ found.items.T, atol=1e-6)
    assert not found.users[8].any()
    assert not found.items[6].any()
    again = Als(small_graph, AlsConfig(dimension=4), np.random.default_rng(0)).embeddings()
    np.testing.assert_array_equal(found.users, again.users)


def test_weights_that_are_too_large_are_named(rng: np.random.Generator) -> None:
    users, items = (Vocabulary([f"{side}{n}" for n in range(30)]) for side in "ui")
    pairs = rng.integers(0, 30, 200), rng.integers(0, 20, 200)
    heavy = Interactions.of(users, items, *pairs, weight=MAX_WEIGHT)
    with pytest.raises(ModelError, match=r"counts up to \d+e\+13") as caught:
        Als(heavy, AlsConfig(), np.random.default_rng(0))
    assert "--set confidence=log" in caught.value.hint
    assert (
        Als(heavy, AlsConfig(confidence="log"), np.random.default_rng(0)).score(np.arange(3)).any()
    )


def test_without_the_library_the_extra_is_named(
    small_graph: Interactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "implicit", None)
    with pytest.raises(MissingExtra) as caught:
        Als(small_graph, AlsConfig(), np.random.default_rng(0))
    assert "[als]" in caught.value.hint

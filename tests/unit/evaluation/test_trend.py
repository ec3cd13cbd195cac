import numpy as np
import pytest

from engine.data import signals
from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.evaluation.trend import Trend, fold

DATA = Interactions.of(
    Vocabulary(["a", "b", "stranger"]),
    Vocabulary(["x", "y", "never"]),
    [0, 1, 1],
    [0, 0, 1],
    at=np.array([1, 2, 3]) * 86_400_000,
)
USERS = np.array([[1, 0], [0.6, 0.8], [0, 0]], dtype=np.float32)
ITEMS = np.array([[0, 1], [0.8, 0.6], [0, 0]], dtype=np.float32)


def test_folded_vectors_score_as_the_formula_says() -> None:
    trend = Trend(weight=0.6, half_life_days=2.0)
    users, items = fold(USERS, ITEMS, DATA, trend, cosine=True)
    t = signals.recent_popularity(DATA, 2.0)
    gain = 0.6 / 0.3
    expected = (USERS @ ITEMS.T * np.sqrt(1 - (0.3 * t) ** 2) + 0.6 * t) / np.sqrt(1 + gain**2)
    np.testing.assert_allclose((users @ items.T)[:2, :2], expected[:2, :2], rtol=1e-5)
    assert np.linalg.norm(users, axis=1) == pytest.approx([1, 1, 0])
    assert np.linalg.norm(items, axis=1) == pytest.approx([1, 1, 0])


def test_dot_scores_gain_the_trend_exactly() -> None:
    users, items = fold(USERS, ITEMS, DATA, Trend(0.6, 2.0), cosine=False)
    t = signals.recent_popularity(DATA, 2.0)
    np.testing.assert_allclose((users @ items.T)[:2], (USERS @ ITEMS.T + 0.6 * t)[:2], rtol=1e-5)


def test_no_weight_no_change() -> None:
    users, items = fold(USERS, ITEMS, DATA, Trend(), cosine=True)
    assert users is USERS
    assert items is ITEMS

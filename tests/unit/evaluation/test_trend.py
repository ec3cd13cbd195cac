import numpy as np
import pytest

from engine.data import signals
from engine.data.interactions import Interactions
from engine.data.splits import Split
from engine.data.vocabulary import Vocabulary
from engine.evaluation.trend import Trend, best_half_life, fold, popularity_of

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


def _fashion() -> Interactions:
    """Everybody takes x every day for a long time, nothing for some weeks, then y once."""
    rows = [(user, 0, day) for day in range(1, 40) for user in range(2)]
    rows += [(0, 1, 65), (1, 1, 65), (2, 2, 1)]
    user, item, day = (np.array(column) for column in zip(*rows, strict=True))
    return Interactions.of(DATA.users, DATA.items, user, item, at=day * 86_400_000)


def test_the_half_life_is_the_one_that_predicts_best() -> None:
    """What was taken last is taken next: only a short memory puts y before x."""
    train = _fashion()
    later = Interactions.of(DATA.users, DATA.items, [2], [1], at=[70 * 86_400_000])
    parts = Split(train, later)
    assert best_half_life(train, later) == 7.0
    np.testing.assert_array_equal(popularity_of(parts), signals.recent_popularity(train, 7.0))


def test_of_half_lives_that_are_level_the_longest_memory_is_chosen() -> None:
    train = _fashion()
    later = Interactions.of(DATA.users, DATA.items, [2], [0], at=[70 * 86_400_000])
    steady = train.select(train.item == 0)
    assert best_half_life(steady, later) == 0.0
    np.testing.assert_array_equal(popularity_of(Split(steady, later)), signals.popularity(steady))


def test_without_all_times_nothing_is_forgotten() -> None:
    train = _fashion()
    untimed = Interactions.of(train.users, train.items, train.user, train.item, at=train.at * 0)
    later = Interactions.of(DATA.users, DATA.items, [2], [1], at=[70 * 86_400_000])
    assert best_half_life(untimed, later) == 0.0

from dataclasses import replace

import numpy as np
import pytest

from engine.data.arrays import Float32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.evaluation import blend, ranking
from engine.evaluation.blend import Blend, best_with_popularity

from ..three_users import ALL, DATA, DAY

ZEROS = (np.zeros((3, 2), dtype=np.float32), np.zeros((3, 2), dtype=np.float32))


def test_score_adds_popularity_and_repeats() -> None:
    score = blend.scorer(
        lambda rows: np.zeros((len(rows), 3), dtype=np.float32), DATA, Blend(2.0, 3.0, 1e9)
    )
    popular = np.array([1, 1 / 3, 1 / 3]) ** (1 / 3)
    again = np.array([[2 / 3, 1 / 2, 0], [1 / 2, 0, 1 / 2], [0, 0, 0]])
    np.testing.assert_allclose(score(ALL), 2 * popular + 3 * again, rtol=1e-5)


def test_without_repeats_none_are_weighed() -> None:
    valid = DATA.select(np.array([False, False, True, False, True]))
    train = DATA.select(np.array([True, True, False, True, False]))
    _, found = blend.choose(ZEROS, train, valid)
    assert found.again_weight == 0


def test_where_people_come_back_repeats_are_weighed() -> None:
    generator = np.random.default_rng(0)
    own = generator.permutation(60).reshape(20, 3)
    user = np.repeat(np.arange(20), 6)
    item = np.concatenate([np.tile(mine, 2) for mine in own])
    at = np.tile(np.repeat([1, 50], 3), 20).astype(np.int64) * DAY
    data = Interactions.of(
        Vocabulary([f"u{n}" for n in range(20)]),
        Vocabulary([f"i{n}" for n in range(60)]),
        user,
        item,
        at=at,
    )
    vectors = (np.zeros((20, 2), dtype=np.float32), np.zeros((60, 2), dtype=np.float32))
    _, found = blend.choose(vectors, data.select(at == DAY), data.select(at > DAY))
    assert found.again_weight > 0


def test_the_promise_counts_what_vectors_add_to_popularity() -> None:
    valid = DATA.select(np.array([False, False, True, False, True]))
    train = DATA.select(np.array([True, True, False, True, False]))
    question = ranking.task(train, valid, include_seen=True)
    popular = np.array([1.0, 0.5, 0.5], dtype=np.float32)
    question = replace(question, never=np.zeros(3, dtype=np.bool_))

    def nothing(rows: Int64Array) -> Float32Array:
        return np.zeros((len(rows), 3), dtype=np.float32)

    alone = ranking.evaluate(question, lambda rows: nothing(rows) + popular, (20,))
    assert blend.best_with_popularity(nothing, popular, question) >= alone.means["ndcg@20"]


def test_vectors_are_measured_by_what_they_add_to_popularity() -> None:
    """Vectors put the wanted item second of the unpopular ones; beside popularity it is first."""
    users, items = Vocabulary(["t", "u"]), Vocabulary(["other", "popular", "wanted"])
    known = Interactions.of(users, items, [0, 0, 0, 1], [0, 1, 2, 0], at=[1, 1, 1, 1])
    later = Interactions.of(users, items, [1], [2], at=[2])
    question = ranking.task(known, later, include_seen=True)
    popular = np.float32([0.0, 0.0, 1.0])

    def embedded(rows: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        return np.tile(np.float32([1.4, 0.0, 1.0]), (len(rows), 1))

    assert best_with_popularity(embedded, popular, question) == pytest.approx(1.0)
    against = best_with_popularity(embedded, np.float32([0.0, 1.0, 0.0]), question)
    assert against == pytest.approx(1 / np.log2(3))  # at weight zero

from dataclasses import replace

import numpy as np
import pytest

from engine.data.arrays import Float32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.evaluation import blend, fold_in, ranking
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


def _two_tastes(n_users: int, later: int) -> tuple[blend.VectorPair, Interactions]:
    """Users who had one taste, turn to the other in the first of two later steps, then ``later``.

    Items 0 to 9 are of the first taste, 10 to 19 of the second; everybody leans to the first.
    """
    items = np.repeat(np.eye(2, dtype=np.float32), 10, axis=0)
    users = np.tile(np.array([[1.0, 0.2]], dtype=np.float32), (n_users, 1))
    users /= np.linalg.norm(users, axis=1)[:, None]
    rng = np.random.default_rng(0)
    rows = []
    for user in range(n_users):
        first, second = rng.permutation(10), 10 + rng.permutation(10)
        rest = second[3:5] if later else first[3:5]
        own = [*first[:3], *second[:1], *second[1:3], *rest]
        rows += [(user, item, step) for step, item in enumerate(own, start=1)]
    user_, item_, step_ = np.array(rows).T
    data = Interactions.of(
        Vocabulary([f"u{n}" for n in range(n_users)]),
        Vocabulary([f"i{n}" for n in range(20)]),
        user_,
        item_,
        at=step_.astype(np.int64) * DAY,
    )
    return (users, items), data


def _chosen_drift(n_users: int, later: int, *, timed: bool = True) -> float:
    vectors, data = _two_tastes(n_users, later)
    train, valid = data.select(data.at <= 4 * DAY), data.select(data.at > 4 * DAY)
    if not timed:
        train, valid = (replace(one, at=np.zeros_like(one.at)) for one in (train, valid))
    return blend.choose(vectors, train, valid)[1].drift_weight


def test_the_drift_weight_is_what_predicts_the_rest_of_the_validation_part() -> None:
    assert _chosen_drift(60, later=1) > fold_in.DRIFT_WEIGHT  # they stay with what they turned to
    assert _chosen_drift(60, later=0) < fold_in.DRIFT_WEIGHT  # they turn back


def test_where_a_drift_weight_cannot_be_measured_the_usual_one_serves() -> None:
    assert _chosen_drift(20, later=0) == fold_in.DRIFT_WEIGHT  # too few users
    assert _chosen_drift(60, later=0, timed=False) == fold_in.DRIFT_WEIGHT


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

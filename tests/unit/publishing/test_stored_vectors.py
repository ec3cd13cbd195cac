from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from engine.data.vocabulary import Vocabulary
from engine.errors import PublishRefused
from engine.publishing import stored_vectors
from engine.training.checkpoint import TrainedModel

RNG = np.random.default_rng(3)
USERS = RNG.normal(size=(4, 3)).astype(np.float32)
ITEMS = RNG.normal(size=(6, 3)).astype(np.float32)
ENTITIES = RNG.normal(size=(2, 3)).astype(np.float32)


def _model(scoring: Literal["cosine", "dot"]) -> TrainedModel:
    return TrainedModel(
        users=Vocabulary([f"u{n}" for n in range(4)]),
        items=Vocabulary([f"i{n}" for n in range(6)]),
        user_vectors=USERS,
        item_vectors=ITEMS,
        scoring=scoring,
        popularity_weight=0.0,
        again_weight=0.0,
        half_life_days=30.0,
        model="sample",
        entity_vectors=ENTITIES,
    )


def test_cosine_models_are_stored_at_unit_length() -> None:
    users, items, bound = stored_vectors.of_users_and_items(_model("cosine"))
    assert np.linalg.norm(users, axis=1) == pytest.approx(np.ones(4))
    assert np.linalg.norm(items, axis=1) == pytest.approx(np.ones(6))
    assert (users @ items.T).argsort().tolist() == (
        (USERS @ (ITEMS / np.linalg.norm(ITEMS, axis=1, keepdims=True)).T).argsort().tolist()
    )
    assert bound == 1.0


def test_the_cosine_of_what_a_dot_model_stores_is_its_own_ranking() -> None:
    users, items, bound = stored_vectors.of_users_and_items(_model("dot"))
    assert users.shape[1] == items.shape[1] == 4
    assert bound == pytest.approx(np.linalg.norm(ITEMS, axis=1).max())
    cosines = users @ items.T
    assert cosines.argsort(axis=1).tolist() == (USERS @ ITEMS.T).argsort(axis=1).tolist()


def test_entities_are_stored_by_a_bound_of_their_own() -> None:
    assert np.linalg.norm(stored_vectors.of_entities(_model("cosine")), axis=1) == pytest.approx(1)
    reduced = stored_vectors.of_entities(_model("dot"))
    longest = np.linalg.norm(ENTITIES, axis=1).argmax()
    assert reduced[longest, -1] == pytest.approx(0.0, abs=1e-6)


def test_a_model_without_entities_stores_none() -> None:
    assert stored_vectors.of_entities(replace(_model("dot"), entity_vectors=None)).shape == (0, 3)


@pytest.mark.parametrize("name", ["user_vectors", "item_vectors"])
def test_numbers_that_are_not_finite_are_never_stored(name: str) -> None:
    broken = getattr(_model("cosine"), name).copy()
    broken[1, 1] = np.inf
    with pytest.raises(PublishRefused, match="not finite"):
        stored_vectors.of_users_and_items(replace(_model("cosine"), **{name: broken}))


def test_entities_that_are_not_finite_are_never_stored() -> None:
    broken = ENTITIES.copy()
    broken[0, 0] = np.nan
    with pytest.raises(PublishRefused, match="not finite"):
        stored_vectors.of_entities(replace(_model("dot"), entity_vectors=broken))


def test_what_users_have_in_common_is_stored_where_vectors_have_length_one() -> None:
    users = np.eye(3, dtype=np.float32)[[0, 0, 1, 0]]
    assert stored_vectors.mean_user(_model("cosine"), users) == {"user_mean": [0.75, 0.25, 0.0]}
    assert stored_vectors.mean_user(_model("dot"), users) == {}

"""What no generation is made of, whoever wrote the checkpoint."""

from dataclasses import replace

import numpy as np
import pytest

from engine.data.vocabulary import Vocabulary
from engine.errors import PublishRefused
from engine.publishing import vector_checks
from engine.training.checkpoint import TrainedModel


def model(users: int = 60, items: int = 40, width: int = 8) -> TrainedModel:
    draw = np.random.default_rng(2)
    return TrainedModel(
        user_vectors=draw.normal(size=(users, width)).astype(np.float32),
        item_vectors=draw.normal(size=(items, width)).astype(np.float32),
        users=Vocabulary([f"u{n}" for n in range(users)]),
        items=Vocabulary([f"i{n}" for n in range(items)]),
        scoring="cosine",
        popularity_weight=0.2,
        again_weight=0.5,
        half_life_days=10.0,
        model="sample",
    )


def widths(width: int) -> dict[str, object]:
    one = model(users=3, items=3, width=width)
    return {"user_vectors": one.user_vectors, "item_vectors": one.item_vectors}


def test_a_sound_model_is_let_through() -> None:
    vector_checks.check(model())
    vector_checks.check(replace(model(), half_life_days=float("inf")))
    vector_checks.check(model(users=3, items=3, width=4096))
    vector_checks.check(model(users=3, items=3))  # too few to have collapsed


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"popularity_weight": float("nan")}, "popularity_weight is nan"),
        ({"again_weight": float("inf")}, "again_weight is inf"),
        ({"again_weight": -1.0}, "again_weight is -1.0"),
        ({"drift_weight": float("nan")}, "drift_weight is nan"),
        ({"half_life_days": float("nan")}, "half_life_days is nan"),
        ({"half_life_days": 0.0}, "half_life_days is 0.0"),
        ({"scoring": "euclid"}, "scores by 'euclid': it must be one of cosine, dot"),
        ({"item_vectors": np.ones((40, 9), dtype=np.float32)}, "both must have one width"),
        ({"item_vectors": np.ones(40, dtype=np.float32)}, "both must have one width"),
        (widths(0), "have 0 numbers: a vector index takes from 1 to 4096"),
        (widths(4097), "have 4097 numbers"),
        (widths(4096) | {"scoring": "dot"}, "takes from 1 to 4095"),
        ({"entity_vectors": np.ones((2, 9), dtype=np.float32)}, "both must have one width"),
        ({"user_vectors": np.full((60, 8), np.inf, dtype=np.float32)}, "infinite"),
        ({"entity_vectors": np.full((2, 8), np.nan, dtype=np.float32)}, "NaN"),
        ({"user_vectors": np.ones((60, 8), dtype=np.float32)}, "user vectors have collapsed"),
        ({"item_vectors": np.ones((40, 8), dtype=np.float32)}, "item vectors have collapsed"),
    ],
)
def test_what_cannot_be_served_is_refused_with_its_value(
    changes: dict[str, object], said: str
) -> None:
    with pytest.raises(PublishRefused, match=said) as told:
        vector_checks.check(replace(model(), **changes))  # type: ignore[arg-type]
    assert "engine train" in told.value.hint


def test_the_coordinate_of_the_trend_is_no_collapse() -> None:
    """It is the same for every user, by design, and may be most of their length."""
    sound = model()
    trended = replace(
        sound,
        user_vectors=np.hstack((sound.user_vectors, np.full((60, 1), 50, dtype=np.float32))),
        item_vectors=np.hstack((sound.item_vectors, np.ones((40, 1), dtype=np.float32))),
        settings={"trend": 1.0},
    )
    vector_checks.check(trended)
    with pytest.raises(PublishRefused, match="user vectors have collapsed"):
        vector_checks.check(replace(trended, settings={}))

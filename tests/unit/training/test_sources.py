import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.material import Material
from engine.data.vocabulary import Vocabulary
from engine.errors import UsageError
from engine.models import MODELS
from engine.models.node2vec import DeepWalkConfig
from engine.training.options import TrainingConfig
from engine.training.sources import SOURCES

EVENTS = Interactions(
    users=Vocabulary(["a", "b"]),
    items=Vocabulary(["x", "y"]),
    user=np.array([0, 0, 1], dtype=np.int32),
    item=np.array([0, 1, 1], dtype=np.int32),
    weight=np.ones(3, dtype=np.float32),
    at=np.arange(1, 4, dtype=np.int64),
    event=np.zeros(3, dtype=np.int16),
    events=("bought",),
)


def test_every_kind_of_batch_that_a_model_names_is_drawn() -> None:
    assert {entry.batches for entry in MODELS.values()} == set(SOURCES)


def test_pairs_of_a_walk_do_not_weigh_by_age() -> None:
    with pytest.raises(UsageError, match="age"):
        SOURCES["walks"](Material(EVENTS), DeepWalkConfig(), TrainingConfig(recency=30.0), 0)
    batches = SOURCES["walks"](Material(EVENTS), DeepWalkConfig(), TrainingConfig(recency=0), 0)
    assert len(batches.batch(0, 0).nodes)

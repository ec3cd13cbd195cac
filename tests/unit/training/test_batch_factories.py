import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.errors import UsageError
from engine.models import MODELS
from engine.models.node2vec import DeepWalkConfig
from engine.training.batch_factories import SOURCES
from engine.training.training_config import TrainingConfig

EVENTS = Interactions.of(
    Vocabulary(["a", "b"]), Vocabulary(["x", "y"]), [0, 0, 1], [0, 1, 1], at=np.arange(1, 4)
)


def test_every_kind_of_batch_that_a_model_names_is_drawn() -> None:
    assert {entry.batches for entry in MODELS.values()} == set(SOURCES)


def test_pairs_of_a_walk_do_not_weigh_by_age() -> None:
    with pytest.raises(UsageError, match="age"):
        SOURCES["walks"](TrainingData(EVENTS), DeepWalkConfig(), TrainingConfig(recency=30.0), 0)
    config = TrainingConfig(recency=0, batch_size=16)
    batches = SOURCES["walks"](TrainingData(EVENTS), DeepWalkConfig(), config, 0)
    assert len(batches.batch(0, 0).nodes)

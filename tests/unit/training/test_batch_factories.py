import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.errors import UsageError
from engine.models import MODELS
from engine.models.node2vec import DeepWalkConfig
from engine.models.tgat import TGATConfig
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


def test_memory_has_events_in_order() -> None:
    config = TrainingConfig(recency=0, batch_size=1, negative_count=2, learning_rate=0.1)
    drawn = [
        SOURCES["events"](TrainingData(EVENTS), TGATConfig(memory=memory), config, 0)
        for memory in (0, 4)
    ]
    assert [batches.batch(0, 0).begins for batches in drawn] == [False, True]
    in_order = [drawn[1].batch(epoch, step).before for epoch in (0, 1) for step in range(3)]
    assert in_order == [1, 2, 3, 1, 2, 3]

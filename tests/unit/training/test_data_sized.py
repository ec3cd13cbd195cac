import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.models import MODELS
from engine.training.data_sized import filled_in, sized
from engine.training.training_config import TrainingConfig


def events(users: int, items: int, times: int = 1) -> Interactions:
    """Every user has every item, so many times."""
    names = [Vocabulary([str(n) for n in range(count)]) for count in (users, items)]
    user = np.tile(np.repeat(np.arange(users), items), times)
    item = np.tile(np.arange(items), users * times)
    return Interactions.of(*names, user, item)


LIGHTGCN, BPR_MF = MODELS["lightgcn"], MODELS["bpr-mf"]
SMALL, LARGE = events(10, 20), events(400, 2_000)  # 200 pairs and 800,000


def test_small_data_has_batches_that_leave_several_steps_and_large_data_large_ones() -> None:
    small = sized(TrainingConfig(), LIGHTGCN, SMALL)
    large = sized(TrainingConfig(), LIGHTGCN, LARGE)
    assert (small.batch_size, small.negative_count, small.shuffle) == (4_096, 512, "users")
    assert (large.batch_size, large.negative_count) == (65_536, 1_024)
    # √(65,536 / 4,096) = 4
    assert (small.learning_rate, large.learning_rate) == (0.01, 0.04)


def test_an_epoch_stays_eight_steps_beyond_a_million_pairs_and_the_rate_stays() -> None:
    found = sized(TrainingConfig(), LIGHTGCN, events(1_000, 2_100))
    assert found.batch_size == 262_144  # 2,100,000 / 8, down to a power of two
    assert found.learning_rate == 0.04
    assert sized(TrainingConfig(shuffle="pairs"), LIGHTGCN, LARGE).batch_size <= 65_536


def test_pairs_count_not_events() -> None:
    again = sized(TrainingConfig(), LIGHTGCN, events(100, 500, times=3))
    assert again == sized(TrainingConfig(), LIGHTGCN, events(100, 500))
    assert again.batch_size == 4_096  # 50,000 / 8, down to a power of two


def test_what_the_user_says_stays_and_the_rate_follows_the_batch() -> None:
    said = TrainingConfig(batch_size=1_024, negative_count=7, shuffle="pairs")
    found = sized(said, LIGHTGCN, LARGE)
    assert (found.batch_size, found.negative_count, found.shuffle) == (1_024, 7, "pairs")
    assert found.learning_rate == 0.01
    assert sized(TrainingConfig(batch_size=16_384), LIGHTGCN, LARGE).learning_rate == 0.02
    assert sized(TrainingConfig(learning_rate=0.3), LIGHTGCN, LARGE).learning_rate == 0.3


def test_shuffled_pairs_take_more_steps_and_fewer_negatives_than_whole_users() -> None:
    found = sized(TrainingConfig(shuffle="pairs"), LIGHTGCN, LARGE)
    assert (found.batch_size, found.negative_count, found.shuffle) == (16_384, 512, "pairs")
    assert found.learning_rate == 0.02


@pytest.mark.parametrize(
    ("config", "name"),
    [
        (TrainingConfig(loss="bpr"), "lightgcn"),
        (TrainingConfig(loss="skip-gram"), "node2vec"),
        (TrainingConfig(), "twhin"),
        (TrainingConfig(), "sasrec"),
    ],
)
def test_what_learns_otherwise_keeps_small_batches(config: TrainingConfig, name: str) -> None:
    found = sized(config, MODELS[name], LARGE)
    assert (found.batch_size, found.negative_count, found.shuffle) == (4_096, 512, "pairs")
    assert found.learning_rate == 0.01


def test_the_rows_of_a_batch_are_moved_alone_where_they_are_few_of_very_many() -> None:
    many = Vocabulary([str(n) for n in range(200_000)])
    wide = Interactions.of(many, SMALL.items, np.array([7]), np.array([0]))
    bpr = TrainingConfig(loss="bpr")  # 2 · 4,096 + 512 rows a step, times 16: 139,264
    assert sized(bpr, BPR_MF, wide).optimiser == "sparse-adam"
    assert sized(bpr, BPR_MF, LARGE).optimiser == "adam"
    assert sized(bpr, LIGHTGCN, wide).optimiser == "auto"  # the model has use for all rows
    said = TrainingConfig(loss="bpr", optimiser="adam")
    assert sized(said, BPR_MF, wide).optimiser == "adam"


def test_what_was_left_to_the_data_is_told() -> None:
    asked = TrainingConfig(batch_size=1_024, learning_rate=0.1)
    assert filled_in(asked, sized(asked, LIGHTGCN, SMALL)) == {
        "negative_count": 512,
        "shuffle": "users",
    }

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.training.batches import PairBatches, Sampling, recency

DAY = 86_400_000


def data() -> Interactions:
    return Interactions.of(
        Vocabulary(["a", "b"]),
        Vocabulary(["x", "y", "z", "never"]),
        [0, 0, 0, 1],
        [2, 2, 0, 1],
        at=np.array([10, 20, 30, 30]) * DAY,
    )


def test_an_epoch_holds_each_pair_once_and_no_unknown_item() -> None:
    batches = PairBatches(data(), Sampling(2, "uniform", 10, seed=0))
    assert batches.steps == 2
    seen = [batches.batch(0, step) for step in range(2)]
    pairs = sorted(
        pair
        for one in seen
        for pair in zip(one.users.tolist(), one.positives.tolist(), strict=True)
    )
    assert pairs == [(0, 0), (0, 2), (1, 1)]
    assert seen[0].negatives.tolist() == [0, 1, 2]


def test_users_that_are_shuffled_keep_their_pairs_together() -> None:
    draw = np.random.default_rng(0)
    user, item = (draw.integers(0, 50, 600).astype(np.int32) for _ in range(2))
    many = Interactions.of(
        Vocabulary([str(n) for n in range(50)]), Vocabulary([str(n) for n in range(50)]), user, item
    )
    batches = PairBatches(many, Sampling(100, "uniform", 4, seed=0, shuffle="users"))
    epochs = [[batches.batch(epoch, step) for step in range(batches.steps)] for epoch in (0, 1)]
    for epoch in epochs:
        pairs = [
            pair
            for one in epoch
            for pair in zip(one.users.tolist(), one.positives.tolist(), strict=True)
        ]
        assert sorted(pairs) == sorted(set(zip(user.tolist(), item.tolist(), strict=True)))
        # A batch's end may cut through one user only.
        held = sum(len(set(one.users.tolist())) for one in epoch)
        assert held <= 50 + batches.steps - 1
    assert epochs[0][0].users.tolist() != epochs[1][0].users.tolist()


def test_a_batch_depends_on_its_number_alone() -> None:
    sampling = Sampling(1, "uniform", 2, seed=0)
    late, walked = PairBatches(data(), sampling), PairBatches(data(), sampling)
    for step in range(3):
        walked.batch(4, step)
    assert late.batch(5, 1).negatives.tolist() == walked.batch(5, 1).negatives.tolist()
    assert late.batch(5, 1).users.tolist() == walked.batch(5, 1).users.tolist()
    assert late.batch(5, 1).draw == walked.batch(5, 1).draw != walked.batch(5, 2).draw


def test_recency_goes_by_the_newest_event_of_a_pair() -> None:
    # Pairs in the order (a, x), (a, z), (b, y): ages 0, 10 and 0 days at a half-life of 10.
    raw = np.array([1.0, 0.5, 1.0])
    assert recency(data(), 10.0) == pytest.approx(raw / raw.mean())

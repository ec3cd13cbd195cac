"""Event batches: every event once an epoch, in stretches of time."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.errors import DataError
from engine.models.tgat import EventBatch
from engine.training.batches import Sampling
from engine.training.event_batches import EventBatches

DAY = 86_400_000


def events(n: int = 50, *, together: int = 1) -> Interactions:
    """Return events of 7 users in turns, each on an item of its own, ``together`` at a moment."""
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(7)]),
        Vocabulary([f"i{n:03}" for n in range(n + 1)]),
        np.arange(n) % 7,
        np.arange(n),
        at=1 + np.arange(n) // together * DAY,
    )


def batches(
    data: Interactions, size: int = 8, half_life: float = 0.0, *, in_order: bool = False
) -> EventBatches:
    return EventBatches(data, Sampling(size, "uniform", 5, 3, half_life), in_order=in_order)


def epoch_of(source: EventBatches, epoch: int) -> list[EventBatch]:
    return [source.batch(epoch, step) for step in range(source.steps)]


@pytest.mark.parametrize("epoch", [0, 1, 2])
@pytest.mark.parametrize("size", [1, 7, 8, 50, 1_000])
def test_every_event_comes_once_an_epoch_in_stretches_of_time(epoch: int, size: int) -> None:
    data, source = events(), batches(events(), size)
    found = epoch_of(source, epoch)
    assert torch.cat([one.positives for one in found]).sort().values.tolist() == list(range(50))
    assert source.steps == -(-50 // size)
    stretches = sorted((one.at.min(), one.at.max()) for one in found)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(stretches))
    assert max(len(one.at) for one in found) <= 1.5 * size + 1
    for one in found:
        np.testing.assert_array_equal(one.users, np.sort(one.users))
        for user, at, item in zip(one.users, one.at, one.positives.tolist(), strict=True):
            place = np.flatnonzero(data.item == item)[0]
            assert (user, at) == (data.user[place], data.at[place])


@pytest.mark.parametrize("epoch", [0, 1])
@pytest.mark.parametrize("size", [1, 3, 8, 1_000])
@pytest.mark.parametrize("together", [1, 6, 50])
def test_in_order_stretches_follow_each_other_and_none_begins_within_a_moment(
    epoch: int, size: int, together: int
) -> None:
    data = events(together=together)
    source = batches(data, size, in_order=True)
    found = epoch_of(source, epoch)
    assert source.steps == min(-(-50 // size), len(np.unique(data.at)))
    assert torch.cat([one.positives for one in found]).sort().values.tolist() == list(range(50))
    assert all(one.at.max() < other.before for one, other in itertools.pairwise(found))
    assert [one.begins for one in found] == [True] + [False] * (len(found) - 1)
    assert not any(one.begins for one in epoch_of(batches(data, size), epoch))


def test_moments_of_unlike_length_leave_no_stretch_empty() -> None:
    """Nearly all events of one moment, which takes the place of most cuts."""
    data = events()
    data = replace(data, at=np.maximum(data.at, data.at[40]))
    found = epoch_of(batches(data, 8, in_order=True), 0)
    assert len(found) == 7
    assert all(len(one.at) for one in found)
    assert (
        len(
            {
                tuple(map(len, [b.at for b in epoch_of(batches(data, 8, in_order=True), e)]))
                for e in range(5)
            }
        )
        > 1
    )


def test_items_are_compared_as_they_stood_before_the_first_event() -> None:
    for one in epoch_of(batches(events()), 0):
        assert one.before == one.at.min()


def test_epochs_differ_in_cuts_and_order_and_a_batch_is_the_same_again() -> None:
    source, again = batches(events()), batches(events())
    epochs = [[one.positives.tolist() for one in epoch_of(source, e)] for e in range(5)]
    assert len({tuple(sorted(map(tuple, one))) for one in epochs}) > 1
    assert any([one[0] for one in found] != sorted(one[0] for one in found) for found in epochs)
    alone = again.batch(1, 2)
    assert alone.positives.tolist() == epochs[1][2]
    assert alone.negatives.tolist() == source.batch(1, 2).negatives.tolist()
    assert alone.draw == source.batch(1, 2).draw != source.batch(1, 3).draw


def test_a_moment_of_several_events_is_cut_anew_each_epoch() -> None:
    source = batches(events(together=50), size=25)
    first, second = ({tuple(b.positives.tolist()) for b in epoch_of(source, e)} for e in (0, 1))
    assert first != second


def test_negatives_are_items_with_events() -> None:
    drawn = torch.cat([one.negatives for one in epoch_of(batches(events()), 0)])
    assert int(drawn.max()) < 50
    assert len(epoch_of(batches(events()), 0)[0].negatives) == 5


def test_events_weigh_by_their_age() -> None:
    data = events()
    found = epoch_of(batches(data, half_life=1.0), 0)
    weights = {
        item: float(weight)
        for one in found
        if one.weights is not None
        for item, weight in zip(one.positives.tolist(), one.weights, strict=True)
    }
    assert weights[49] / weights[48] == pytest.approx(2.0)
    assert batches(data).batch(0, 0).weights is None


def test_no_events_are_refused() -> None:
    with pytest.raises(DataError, match="no events"):
        batches(events().select(np.zeros(50, dtype=np.bool_)))

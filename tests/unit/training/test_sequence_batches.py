"""Sequence batches: every event but the first is what comes next, once an epoch."""

from collections import Counter

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.errors import DataError
from engine.models.sasrec import SASRecConfig, SequenceBatch
from engine.training.batches import Sampling
from engine.training.sequence_batches import SequenceBatches, one_of_next_moment

LENGTH = 4


def events(counts: list[int], *, together: int = 1) -> Interactions:
    """Return users with so many events, ``together`` at each moment; no item comes twice."""
    user = np.repeat(np.arange(len(counts)), counts)
    n = len(user)
    within = np.concatenate([np.arange(count) for count in counts])
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(len(counts))]),
        Vocabulary([f"i{n:03}" for n in range(n)]),
        user,
        np.arange(n),
        at=1 + within // together * 86_400_000,
    )


def batches(
    data: Interactions, *, target: str = "event", size: int = 8, half_life: float = 0.0
) -> SequenceBatches:
    sampling = Sampling(size, "uniform", 3, 5, half_life)
    return SequenceBatches(data, SASRecConfig(length=LENGTH, target=target), sampling)


def pairs(one: SequenceBatch) -> list[tuple[int, int]]:
    """Return each event that something comes after, with that."""
    inputs = one.sequences.items.ravel()[one.places.numpy()]
    return list(zip(inputs.tolist(), one.positives.tolist(), strict=True))


@pytest.mark.parametrize("epoch", [0, 1, 2])
def test_every_event_but_the_first_comes_next_once_an_epoch(epoch: int) -> None:
    data = events([1, 2, 5, 9, 12, 0])
    source = batches(data)
    found = Counter(
        pair for step in range(source.steps) for pair in pairs(source.batch(epoch, step))
    )
    same = data.user[1:] == data.user[:-1]
    places = np.flatnonzero(same).tolist()
    assert found == Counter((place, place + 1) for place in places)
    for step in range(source.steps):
        assert source.batch(epoch, step).sequences.counts.max() <= LENGTH


def test_epochs_differ_in_their_cuts_and_a_batch_is_the_same_again() -> None:
    source, again = batches(events([9, 10, 11])), batches(events([9, 10, 11]))
    first = {tuple(row) for step in range(source.steps) for row in _rows(source.batch(0, step))}
    second = {tuple(row) for step in range(source.steps) for row in _rows(source.batch(1, step))}
    assert first != second
    assert _rows(source.batch(0, 1)) == _rows(again.batch(0, 1))
    assert source.batch(0, 1).draw == again.batch(0, 1).draw
    assert source.batch(0, 1).draw != source.batch(0, 0).draw


def _rows(one: SequenceBatch) -> list[list[int]]:
    return one.sequences.items.tolist()


def test_a_batch_has_as_many_pairs_as_were_asked_for_on_average() -> None:
    source = batches(events([5] * 40), size=40)
    assert source.steps == 4
    assert len(source.batch(0, 0).places) == 40


def test_events_of_one_moment_come_in_a_new_order_each_epoch() -> None:
    source = batches(events([4] * 10, together=4), size=1_000)
    first, second = (sorted(pairs(source.batch(epoch, 0))) for epoch in (0, 1))
    assert first != second


def test_what_comes_next_may_be_of_the_next_moment_alone() -> None:
    data = events([12, 3, 7], together=3)
    source = batches(data, target="moment", size=1_000)
    seen: Counter[tuple[int, int]] = Counter()
    for epoch in range(60):
        found = pairs(source.batch(epoch, 0))
        assert len({item for item, _ in found}) == len(found) == 9 + 0 + 6
        seen.update(found)
    for item, after in seen:
        assert data.user[item] == data.user[after]
        assert data.at[after] - data.at[item] == 86_400_000
    assert {after for item, after in seen if item == 0} == {3, 4, 5}


def test_pairs_weigh_by_the_age_of_what_comes_next() -> None:
    data = events([5])
    one = batches(data, half_life=1.0, size=100).batch(0, 0)
    assert one.weights is not None
    weights = dict(zip(one.positives.tolist(), one.weights.tolist(), strict=True))
    assert weights[4] / weights[3] == pytest.approx(2.0)
    assert batches(data).batch(0, 0).weights is None


def test_nobody_with_two_items_is_refused() -> None:
    with pytest.raises(DataError, match="no user had two items"):
        batches(events([1, 1]))


def test_one_of_the_next_moment_is_drawn_evenly() -> None:
    user, at = np.zeros(5, dtype=np.int64), np.array([1, 1, 2, 2, 2])
    generator = np.random.default_rng(0)
    drawn = Counter(int(one_of_next_moment(user, at, generator)[0]) for _ in range(3_000))
    assert set(drawn) == {2, 3, 4}
    assert min(drawn.values()) > 900

"""TGAT: vectors at a time, made of nothing that happened at it or later."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.interactions import Interactions
from engine.data.temporal_adjacency import TemporalAdjacency
from engine.errors import DataError, UsageError
from engine.models.causal_attention import NOTHING_DROPPED
from engine.models.temporal_attention import Meetings
from engine.models.tgat import TGAT, EventBatch, TGATConfig, usual_gap
from engine.training.losses import softmax

from ..timed_events import Event
from .rings import hits, rings
from .small_tgat import (
    EVENTS,
    ITEMS,
    MINUTE,
    USERS,
    everybody_at,
    interactions,
    model,
    some_events,
    taken,
)


@settings(max_examples=60, deadline=None)
@given(past=EVENTS, one=EVENTS, other=EVENTS, minute=st.integers(1, 10), layers=st.integers(1, 3))
def test_no_event_at_a_moment_or_later_reaches_a_vector_at_it(
    past: list[Event], one: list[Event], other: list[Event], minute: int, layers: int
) -> None:
    """Two histories that part at the moment give the same bits there."""
    before = [event for event in past if event[2] < minute]
    later = ([event for event in some if event[2] >= minute] for some in (one, other))
    first, second = (model(before + some, layers=layers) for some in later)
    torch.testing.assert_close(
        everybody_at(first, minute), everybody_at(second, minute), atol=0, rtol=0
    )


@settings(max_examples=40, deadline=None)
@given(past=EVENTS, one=EVENTS, other=EVENTS, minute=st.integers(1, 9))
def test_no_event_at_a_moment_or_later_reaches_its_loss(
    past: list[Event], one: list[Event], other: list[Event], minute: int
) -> None:
    before = [event for event in past if event[2] < minute]
    later = ([event for event in some if event[2] >= minute] for some in (one, other))
    batch = EventBatch(
        users=np.array([0, 0, 3]),
        at=np.full(3, minute * MINUTE),
        positives=torch.tensor([1, 2, 1]),
        negatives=torch.tensor([0, 3, 4]),
        before=minute * MINUTE,
    )
    first, second = (model(before + some).fit_step(batch, softmax(0.1)) for some in later)
    torch.testing.assert_close(first, second, atol=0, rtol=0)


def test_what_happened_just_before_changes_who_met_and_whom_they_meet() -> None:
    """The tests above would pass where nothing reaches anything."""
    events = some_events()
    added = [*events, (0, 1, 31)]
    before, after = everybody_at(model(events), 32), everybody_at(model(added), 32)
    changed = (before != after).any(dim=1).numpy()
    assert changed[0]
    assert changed[USERS + 1]
    torch.testing.assert_close(
        everybody_at(model(events), 31), everybody_at(model(added), 31), atol=0, rtol=0
    )


@pytest.mark.parametrize(("layers", "memory"), [(1, 0), (2, 0), (3, 0), (2, 3)])
def test_layers_are_those_of_a_recursion_over_events(layers: int, memory: int) -> None:
    """One node and one moment at a time, looking through the whole list of events."""
    events = some_events()
    found = model(events, layers=layers, memory=memory)
    vectors = found.state()["vectors"]
    if memory:
        earlier = [event for event in events if event[2] < 25]
        every, kept = torch.arange(USERS + ITEMS), taken(found, earlier)._memory
        assert kept is not None
        vectors = vectors + kept.added(every, vectors)

    def at(node: int, moment: int, layer: int) -> torch.Tensor:
        if layer == 0:
            return vectors[node]
        k = 3 if layer == layers else 2
        met = [(m, USERS + i) for u, i, m in events if u == node and m < moment]
        met += [(m, u) for u, i, m in events if USERS + i == node and m < moment]
        newest = sorted(met, reverse=True)[:k]
        own = at(node, moment, layer - 1)
        values = [at(other, m, layer - 1) for m, other in newest] or [own]
        gaps = [(moment - m) * 60.0 for m, _ in newest] or [0.0]
        meetings = Meetings(
            torch.stack(values)[None],
            torch.tensor([gaps], dtype=torch.float64),
            torch.full((1, len(gaps)), bool(newest)),
        )
        return found._layers[layer - 1](own[None], meetings, found._times, NOTHING_DROPPED)[0]

    expected = torch.stack([at(node, 25, layers) for node in range(USERS + ITEMS)]).detach()
    expected = torch.nn.functional.normalize(expected, dim=1)
    torch.testing.assert_close(everybody_at(found, 25), expected, atol=1e-5, rtol=1e-5)


def test_the_usual_gap_is_the_median_between_a_users_moments() -> None:
    """Of user 0: 2, 2 (two events of one moment) and 5 minutes; of user 1: 2; of user 2 none."""
    given = [(0, 0, 1), (0, 1, 3), (0, 2, 3), (0, 3, 8), (1, 0, 1), (1, 1, 3), (2, 0, 7)]
    events = interactions(given)
    assert usual_gap(events, TemporalAdjacency(events)) == 2 * MINUTE
    alone = interactions([(0, 0, 1), (1, 0, 2)])
    assert usual_gap(alone, TemporalAdjacency(alone)) == 1


def test_everybody_may_be_published_as_they_stand_after_the_newest_event() -> None:
    events = some_events()
    newest = max(at for _, _, at in events)
    found = model(events, users_at="newest").encode()
    gap = usual_gap(interactions(events), TemporalAdjacency(interactions(events)))
    after = model(events).at_times(np.arange(11), np.full(11, newest * MINUTE + gap)).detach()
    joined = np.concatenate([found.users, found.items])
    known = np.append(np.arange(USERS - 1), np.arange(USERS, USERS + ITEMS - 1))
    np.testing.assert_allclose(joined[known], after.numpy()[known], atol=1e-6)
    assert not joined[[USERS - 1, -1]].any(), "nothing is known of who met nobody"


def test_users_stand_where_their_own_newest_event_left_them() -> None:
    events = some_events()
    own = [max(at for user, _, at in events if user == one) for one in range(USERS - 1)]
    assert len(set(own)) > 1
    one, other = model(events).encode(), model(events, users_at="newest").encode()
    np.testing.assert_array_equal(one.items, other.items)
    events_of = interactions(events)
    moments = np.array(own) * MINUTE + usual_gap(events_of, TemporalAdjacency(events_of))
    expected = model(events).at_times(np.arange(USERS - 1), moments).detach().numpy()
    np.testing.assert_allclose(one.users[:-1], expected, atol=1e-6)


@pytest.mark.parametrize("memory", [0, 3])
def test_the_loss_is_that_of_vectors_at_the_moments_of_the_batch(memory: int) -> None:
    """Sampled softmax of its definition, user by user, beside l2 of the first vectors."""
    events = some_events()
    found = model(events, dropout=0.0, l2=0.01, memory=memory)
    if memory:
        taken(found, [event for event in events if event[2] < 20])
    batch = EventBatch(
        users=np.array([0, 0, 2]),
        at=np.array([20, 25, 21]) * MINUTE,
        positives=torch.tensor([1, 2, 1]),
        negatives=torch.tensor([0, 2, 3]),
        before=20 * MINUTE,
    )
    items = everybody_at(found, 20)[USERS:]
    users = found.at_times(batch.users, batch.at).detach()
    # A negative that the user has in the batch is left out; one of another moment is not.
    against = ((0, 2, 3), (0, 3), (0, 2, 3))
    expected, lengths = 0.0, 0.0
    for row, (positive, others) in enumerate(zip((1, 2, 1), against, strict=True)):
        scores = users[row] @ items[[positive, *others]].T / 0.1
        expected += float(torch.logsumexp(scores, 0) - scores[0]) / 3
        for node in (int(batch.users[row]), USERS + positive):
            lengths += float(found.state()["vectors"][node].detach().square().sum())
    value = float(found.fit_step(batch, softmax(0.1)).detach())
    assert value == pytest.approx(expected + 0.01 * lengths / 6, rel=1e-5)
    changed = (everybody_at(found, 20)[USERS:] != items).any(dim=1)
    assert bool(changed[2]) == bool(memory), "memory takes the batch once its loss is computed"


_RING = {"dimension": "32", "start": "normal", "batch_size": "128", "epochs": "60"}


@pytest.mark.parametrize("memory", ["0", "16"])
def test_what_only_order_tells_is_learned(memory: str) -> None:
    chosen = _RING | {"dropout": "0", "learning_rate": "0.003", "memory": memory}
    assert hits("tgat", chosen, *rings()) > 0.9


def test_what_only_order_tells_lightgcn_cannot_learn() -> None:
    assert hits("lightgcn", _RING, *rings()) < 0.4


def test_heads_that_cannot_share_the_dimension_are_refused() -> None:
    with pytest.raises(UsageError, match="3 heads cannot share 64 numbers"):
        TGATConfig(heads=3)


def test_events_without_time_are_refused(small_graph: Interactions) -> None:
    with pytest.raises(DataError, match="have no time"):
        TGAT(small_graph, TGATConfig(), np.random.default_rng(0))

"""Memory: a loop over events with PyTorch's cell, and PyTorch Geometric's, give its numbers."""

import itertools
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.temporal_adjacency import TemporalAdjacency, stretches
from engine.models.node_memory import NodeMemory
from engine.models.temporal_attention import TimeEncoding
from engine.models.tgat import TGAT, usual_gap
from engine.training.batches import Sampling
from engine.training.event_batches import EventBatches
from engine.training.trainer import TrainingHooks, train
from engine.training.training_config import TrainingConfig

from ..timed_events import Event
from .small_tgat import EVENTS, MINUTE, USERS, everybody_at, interactions, model, some_events, taken

NODES, SIZE, WIDE, SINCE = 11, 3, 4, 7_000
Events = tuple[np.ndarray, np.ndarray, np.ndarray]


def vectors() -> torch.Tensor:
    return torch.randn(NODES, WIDE, generator=torch.Generator().manual_seed(3))


def memory() -> NodeMemory:
    """Return a memory of ten nodes and one that nobody meets, with phases that are not zero."""
    times = TimeEncoding.first(2)
    with torch.no_grad():
        times.phase.copy_(torch.tensor([0.3, 1.1]))
    generator = np.random.default_rng(5)
    found = NodeMemory(NODES, SIZE, WIDE, times=times, since=SINCE, generator=generator)
    with torch.no_grad():
        found.state()["out"].copy_(torch.tensor(generator.standard_normal((WIDE, SIZE))))
    return found


def batches(count: int = 4, size: int = 6) -> list[Events]:
    """Return events in order of time, in whole seconds, no two of them of one moment."""
    generator = np.random.default_rng(2)
    at = SINCE + 1_000 * np.sort(generator.choice(500, count * size, replace=False))
    users = generator.integers(0, USERS, count * size)
    items = generator.integers(USERS, NODES - 1, count * size)
    return list(zip(*(one.reshape(count, size) for one in (users, items, at)), strict=True))


def cell(found: NodeMemory) -> torch.nn.GRUCell:
    """Return PyTorch's cell with the weights of a memory."""
    state = found.state()
    own = torch.nn.GRUCell(2 * SIZE + WIDE + 2, SIZE)
    with torch.no_grad():
        own.weight_ih.copy_(state["message.weight"])
        own.bias_ih.copy_(state["message.bias"])
        own.weight_hh.copy_(state["held.weight"])
        own.bias_hh.copy_(state["held.bias"])
    return own


def test_a_loop_over_events_gives_its_numbers() -> None:
    """A node at a time: the newest event of each batch, written when the next one comes."""
    found, of_all = memory(), vectors()
    own, times, none = cell(found), found._times, torch.zeros(2 * SIZE + WIDE + 2)
    held = {node: torch.zeros(SIZE) for node in range(NODES)}
    written = dict.fromkeys(range(NODES), SINCE)
    waiting: dict[int, tuple[int, int]] = {}

    def kept(node: int) -> torch.Tensor:
        message = none
        if node in waiting:
            other, at = waiting[node]
            ago = times(torch.tensor((at - written[node]) / 1_000, dtype=torch.float64))
            message = torch.cat((held[node], held[other], of_all[other], ago))
        return own(message[None], held[node][None])[0]

    for users, items, at in batches():
        events = list(zip(users.tolist(), items.tolist(), at.tolist(), strict=True))
        newest = {node: (i if node == u else u, t) for u, i, t in events for node in (u, i)}
        held |= {node: kept(node) for node in newest}
        written |= {node: waiting[node][1] for node in newest if node in waiting}
        waiting |= newest
        found.take((users, items), at, of_all)
        expected = torch.stack([kept(node) for node in range(NODES)])
        torch.testing.assert_close(found.kept(torch.arange(NODES), of_all), expected)
    assert len({tuple(one.tolist()) for one in held.values()}) > USERS
    added = found.added(torch.tensor([4, 1, 4]), of_all)
    torch.testing.assert_close(added, expected[[4, 1, 4]] @ found.state()["out"].T)


class _Half(torch.nn.Module):
    """The identity as message, of the other node's half of the two vectors of an event."""

    def __init__(self, half: int) -> None:
        super().__init__()
        self.half, self.out_channels = half, 2 * SIZE + WIDE + 2

    def forward(self, own: Any, other: Any, raw: Any, times: Any) -> torch.Tensor:
        return torch.cat((own, other, raw.chunk(2, 1)[self.half], times), dim=1)


class _Last(torch.nn.Module):
    """The newest message of each node, or zeros.

    Without torch-scatter ``LastAggregator`` (2.8.1) gives a node that has no message that of
    another one wherever there are as many messages as nodes.
    """

    def forward(self, messages: Any, index: Any, at: Any, nodes: int) -> torch.Tensor:
        found = messages.new_zeros(nodes, messages.shape[1])
        order = torch.argsort(at).tolist()
        newest = {int(index[one]): one for one in order}
        return found.index_put(
            (torch.tensor([*newest], dtype=torch.int64),), messages[[*newest.values()]]
        )


def test_pytorch_geometric_gives_its_numbers_and_gradients() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch_geometric.nn.models.tgn import TGNMemory

    found, of_all = memory(), vectors()
    other = TGNMemory(NODES, 2 * WIDE, SIZE, 2, _Half(1), _Last())
    other.msg_d_module = _Half(0)
    other.gru = cell(found)
    with torch.no_grad():
        other.time_enc.lin.weight[:, 0] = found._times.log_frequency.exp()
        other.time_enc.lin.bias.copy_(found._times.phase)
    every = torch.arange(NODES)
    for users, items, at in batches():
        found.take((users, items), at, of_all)
        ends = torch.tensor(users), torch.tensor(items)
        seconds = torch.tensor((at - SINCE) // 1_000)
        other.update_state(*ends, seconds, torch.cat([of_all[one] for one in ends], 1))
        other.detach()
        expected, _ = other(every)
        torch.testing.assert_close(found.kept(every, of_all), expected, atol=1e-5, rtol=1e-5)
    found.kept(every, of_all).square().sum().backward()  # type: ignore[no-untyped-call]
    expected.square().sum().backward()
    for name, one in (
        ("message.weight", other.gru.weight_ih),
        ("held.weight", other.gru.weight_hh),
        ("message.bias", other.gru.bias_ih),
    ):
        torch.testing.assert_close(found.state()[name].grad, one.grad, atol=1e-4, rtol=1e-4)
    phase = found._times.phase.grad
    torch.testing.assert_close(phase, other.time_enc.lin.bias.grad, atol=1e-4, rtol=1e-4)


def test_of_one_moment_the_highest_row_is_taken_whatever_the_order() -> None:
    first, second, alone = memory(), memory(), memory()
    at = np.full(3, SINCE + 9_000)
    users, items = np.array([0, 0, 1]), np.array([6, 8, 6])
    first.take((users, items), at, vectors())
    second.take((users[::-1], items[::-1]), at, vectors())
    alone.take((users[1:], items[1:]), at[1:], vectors())
    every = torch.arange(NODES)
    torch.testing.assert_close(first.kept(every, vectors()), second.kept(every, vectors()))
    torch.testing.assert_close(first.kept(every, vectors()), alone.kept(every, vectors()))
    assert first.state()["other"].tolist() == [8, 6, -1, -1, -1, -1, 1, -1, 0, -1, -1]


def test_nothing_is_left_of_what_is_forgotten() -> None:
    found, fresh = memory(), memory()
    for events in batches():
        found.take(events[:2], events[2], vectors())
    assert not torch.equal(found.state()["held"], fresh.state()["held"])
    found.forget()
    for name, one in fresh.state().items():
        assert torch.equal(found.state()[name], one), name


def test_what_is_done_anew_leaves_no_trace() -> None:
    found, fresh = memory(), memory()
    first, second, *_ = batches()
    found.take(first[:2], first[2], vectors())
    before = {name: one.clone() for name, one in found.state().items()}
    with found.anew():
        for name, one in fresh.state().items():
            assert torch.equal(found.state()[name], one), name
        found.take(second[:2], second[2], vectors())
    for name, one in before.items():
        assert torch.equal(found.state()[name], one), name
    assert found.batches == 1


def test_a_batch_without_events_changes_nothing() -> None:
    found, fresh, none = memory(), memory(), np.zeros(0, dtype=np.int64)
    found.take((none, none), none, vectors())
    every = torch.arange(NODES)
    assert torch.equal(found.kept(every, vectors()), fresh.kept(every, vectors()))


@settings(max_examples=40, deadline=None)
@given(past=EVENTS, one=EVENTS, other=EVENTS, stretch=st.integers(0, 3))
def test_no_event_at_a_moment_or_later_reaches_memory_there(
    past: list[Event], one: list[Event], other: list[Event], stretch: int
) -> None:
    minute = 1 + 3 * stretch
    before = [event for event in past if event[2] < minute]
    later = ([event for event in some if event[2] >= minute] for some in (one, other))
    first, second = (taken(model(before + some, memory=3), before) for some in later)
    torch.testing.assert_close(
        everybody_at(first, minute), everybody_at(second, minute), atol=0, rtol=0
    )


def test_an_epoch_begins_without_memory() -> None:
    events = some_events()
    once, twice = taken(model(events, memory=3), events), model(events, memory=3)
    taken(taken(twice, events), events)
    assert once.state()["memory.held"].any()
    for name, one in once.state().items():
        assert torch.equal(one, twice.state()[name]), name


def test_everybody_is_published_with_memory_of_what_was_before_their_moment() -> None:
    """In as many stretches as batches were taken; what training carries stays as it is."""
    events = some_events()
    found = taken(model(events, memory=3), events)
    carried = {name: one.clone() for name, one in found.state().items()}
    published = found.encode()
    for name, one in found.state().items():
        assert torch.equal(carried[name], one), name
    in_time = sorted(events, key=lambda event: event[2])
    users, items, at = np.array(in_time).T
    gap = usual_gap(interactions(events), TemporalAdjacency(interactions(events))) // MINUTE
    other, shown = model(events, memory=3), set()
    kept = other._memory
    assert kept is not None
    for user in range(USERS - 1):
        moment = int(at[users == user].max()) + gap
        kept.forget()
        for begin, end in itertools.pairwise(stretches(at, 10)):
            if at[end - 1] < moment:
                ends = users[begin:end], items[begin:end] + USERS
                kept.take(ends, at[begin:end] * MINUTE, other.state()["vectors"])
        shown.add(kept.batches)
        expected = other.at_times(np.array([user]), np.array([moment * MINUTE])).detach()
        np.testing.assert_allclose(published.users[user], expected[0], atol=1e-6)
    assert len(shown) > 1


@pytest.mark.parametrize("steps", [1, 5, 6, 9])
def test_stopped_anywhere_in_an_epoch_and_continued_memory_has_the_same_bits(
    steps: int, tmp_path: Path
) -> None:
    events = interactions(some_events())
    config = TrainingConfig(batch_size=8, epochs=2, learning_rate=0.01, recency=0.0)

    def fitted(hooks: TrainingHooks) -> TGAT:
        found = model(some_events(), memory=3, dropout=0.2)
        batches = EventBatches(events, Sampling(8, "uniform", 4, 3), in_order=True)
        assert batches.steps == 5
        train(found, batches, config, hooks)
        return found

    asked = iter(range(steps + 1))
    path = tmp_path / "state.pt"
    fitted(TrainingHooks(save_to=path, should_stop=lambda: next(asked) >= steps))
    whole, continued = fitted(TrainingHooks()), fitted(TrainingHooks(save_to=path))
    for name, one in whole.state().items():
        assert torch.equal(continued.state()[name], one), name
    np.testing.assert_array_equal(whole.encode().users, continued.encode().users)

"""Temporal adjacency: the newest events before a moment, and none at it or later."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.interactions import Interactions
from engine.data.temporal_adjacency import TemporalAdjacency, stretches
from engine.errors import DataError

from ..timed_events import Event, timed

USERS, ITEMS = 4, 5
EVENTS = st.lists(
    st.tuples(st.integers(0, USERS - 1), st.integers(0, ITEMS - 1), st.integers(1, 12)), max_size=40
)


def interactions(events: list[Event]) -> Interactions:
    return timed(events, USERS, ITEMS)


def naive(events: list[Event], node: int, before: int, k: int) -> list[tuple[int, int]]:
    """Return moments and other nodes, newest first, those of one moment by falling row."""
    own = [(at, USERS + item) for user, item, at in events if user == node and at < before]
    own += [(at, user) for user, item, at in events if USERS + item == node and at < before]
    return sorted(own, reverse=True)[:k]


@given(events=EVENTS, k=st.integers(1, 6))
def test_the_newest_before_every_moment_are_those_of_a_loop(events: list[Event], k: int) -> None:
    nodes = np.repeat(np.arange(USERS + ITEMS), 14)
    before = np.tile(np.arange(14), USERS + ITEMS)
    found = TemporalAdjacency(interactions(events)).newest(nodes, before, k)
    for row, (node, moment) in enumerate(zip(nodes.tolist(), before.tolist(), strict=True)):
        inside = found.inside[row]
        pairs = zip(found.at[row][inside].tolist(), found.nodes[row][inside].tolist(), strict=True)
        assert list(pairs) == naive(events, node, moment, k)
        assert not found.nodes[row][~inside].any()
        assert not found.at[row][~inside].any()


def test_keys_are_one_where_the_same_events_are_earlier() -> None:
    adjacency = TemporalAdjacency(interactions([(0, 0, 5), (1, 1, 9)]))
    nodes = np.array([0, 0, 0, 0, 1])
    keys = adjacency.keys(nodes, np.array([6, 9, 10, 5, 6])).tolist()
    assert keys[0] == keys[1]
    assert len(set(keys)) == 4


def test_milliseconds_and_many_nodes_stay_apart() -> None:
    """Keys count moments by rank: milliseconds times millions of nodes would not fit 64 bits."""
    at = 1_700_000_000_000
    adjacency = TemporalAdjacency(interactions([(0, 0, at), (0, 1, at + 1)]))
    found = adjacency.newest(np.array([0, 0]), np.array([at + 1, at + 2]), 3)
    assert found.nodes.tolist() == [[USERS, 0], [USERS + 1, USERS]]
    assert found.at.tolist() == [[at, 0], [at + 1, at]]
    assert adjacency.newest_at == at + 1
    assert adjacency.n_nodes == USERS + ITEMS


def test_nobody_met_anybody_without_events() -> None:
    adjacency = TemporalAdjacency(interactions([]))
    found = adjacency.newest(np.arange(9), np.full(9, 5), 3)
    assert found.nodes.shape == (9, 1)
    assert not found.inside.any()
    assert adjacency.newest_at == 0


def test_an_event_without_time_is_refused() -> None:
    with pytest.raises(DataError, match="1 of 2 events have no time"):
        TemporalAdjacency(interactions([(0, 0, 5), (1, 1, 0)]))


@given(
    moments=st.lists(st.integers(1, 9), min_size=1, max_size=40).map(sorted),
    count=st.integers(0, 12),
)
def test_stretches_share_no_moment_and_are_as_many_as_can_be(
    moments: list[int], count: int
) -> None:
    at = np.array(moments)
    cuts = stretches(at, count)
    assert (cuts[0], cuts[-1]) == (0, len(at))
    assert len(cuts) == 1 + min(max(1, count), len(set(moments)))
    assert all(at[cut - 1] < at[cut] for cut in cuts[1:-1])


def test_stretches_are_of_one_length_where_moments_allow_it() -> None:
    assert stretches(np.arange(1, 11), 4).tolist() == [0, 2, 5, 7, 10]
    # The moment that goes on from the second event to the eighth is not cut.
    long = np.array([1, 2, 2, 2, 2, 2, 2, 2, 3, 4])
    assert stretches(long, 4).tolist() == [0, 1, 8, 9, 10]
    assert stretches(long, 3).tolist() == [0, 8, 9, 10]
    assert stretches(np.zeros(0, dtype=np.int64), 4).tolist() == [0, 0]

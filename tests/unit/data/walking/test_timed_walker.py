"""Walks in order of time: χ², and never back in time."""

import numpy as np
import pytest

from engine.data.walking.timed_walker import TimedWalker

from ....chi_square import likelihood

_RARE = 1e-6
# source, target, at, weight; parallel edges and ties are on purpose; node 4 has no edge out
_EDGES = np.array(
    [
        (0, 1, 10, 1),
        (0, 1, 30, 2),
        (0, 2, 20, 3),
        (1, 0, 5, 1),
        (1, 2, 30, 2),
        (1, 3, 10, 5),
        (1, 3, 45, 1),
        (2, 0, 20, 1),
        (2, 1, 60, 4),
        (2, 3, 25, 2),
        (3, 1, 45, 2),
        (3, 4, 50, 1),
    ]
)
_SOURCE, _TARGET, _AT, _WEIGHT = _EDGES.T
_INDPTR = np.concatenate([[0], np.cumsum(np.bincount(_SOURCE, minlength=5))])


def _walker(weighted: bool, window: int | None) -> TimedWalker:
    weights = _WEIGHT.astype(np.float32) if weighted else None
    return TimedWalker(_INDPTR, _TARGET.astype(np.int32), _AT, weights, window=window)


@pytest.mark.parametrize("window", [None, 0, 15, 25, 2**62])
@pytest.mark.parametrize("weighted", [False, True])
def test_steps_have_the_exact_probabilities(
    weighted: bool, window: int | None, rng: np.random.Generator
) -> None:
    starts = np.tile(np.arange(5, dtype=np.int32), 30_000)
    _, edges = _walker(weighted, window).walks_with_edges(starts, 4, rng)
    # An extra outcome stands for the end of the walk.
    m = len(_EDGES)
    counts, exact, even = np.zeros((m, m + 1)), np.zeros((m, m + 1)), np.zeros((m, m + 1))
    before, after = edges[:, :-1].ravel(), edges[:, 1:].ravel()
    before, after = before[before >= 0], after[before >= 0]
    np.add.at(counts, (before, np.where(after < 0, m, after)), 1)
    for edge in range(m):
        latest = np.inf if window is None else int(_AT[edge]) + window
        may = (_TARGET[edge] == _SOURCE) & (_AT[edge] <= _AT) & (latest >= _AT)
        exact[edge, :m] = may * (_WEIGHT if weighted else 1)
        even[edge, :m] = may
        for table in (exact, even):
            table[edge, m] = not may.any()
    exact, even = (table / table.sum(axis=1, keepdims=True) for table in (exact, even))
    assert likelihood(counts, exact) > _RARE
    if weighted and window != 0:
        assert likelihood(counts, even) < _RARE, "the test cannot tell"


@pytest.mark.parametrize("weighted", [False, True])
def test_the_first_edge_is_any_of_the_start(weighted: bool, rng: np.random.Generator) -> None:
    starts = np.zeros(50_000, dtype=np.int32)
    _, edges = _walker(weighted, None).walks_with_edges(starts, 2, rng)
    weight = _WEIGHT[:3] if weighted else np.ones(3)
    assert likelihood(np.bincount(edges[:, 0], minlength=3), weight / weight.sum()) > _RARE


def test_walks_follow_their_edges_and_never_go_back_in_time(rng: np.random.Generator) -> None:
    starts = np.tile(np.arange(5, dtype=np.int32), 2_000)
    walks, edges = _walker(False, None).walks_with_edges(starts, 8, rng)
    taken = edges >= 0
    np.testing.assert_array_equal(walks[:, :-1][taken], _SOURCE[edges[taken]])
    np.testing.assert_array_equal(walks[:, 1:][taken], _TARGET[edges[taken]])
    assert (walks[:, 1:][~taken] == -1).all()
    both = taken[:, :-1] & taken[:, 1:]
    assert (_AT[edges[:, 1:][both]] >= _AT[edges[:, :-1][both]]).all()
    assert (walks[walks[:, 0] == 4, 1:] == -1).all()


def test_a_window_is_not_negative() -> None:
    with pytest.raises(ValueError, match="window"):
        _walker(False, -1)


def test_a_graph_without_edges_is_walked(rng: np.random.Generator) -> None:
    none = np.empty(0, dtype=np.int64)
    walker = TimedWalker(np.zeros(3, dtype=np.int64), none.astype(np.int32), none)
    walks = walker.walks(np.arange(2, dtype=np.int32), 3, rng)
    assert walks.tolist() == [[0, -1, -1], [1, -1, -1]]

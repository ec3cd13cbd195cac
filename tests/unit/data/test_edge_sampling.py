"""Draws against exact probabilities of every outcome (chi-squared)."""

import itertools

import numpy as np
import pytest
from scipy import stats

from engine.data.edge_sampling import NodeEdges, check_count, check_kind, sample_per_group
from engine.errors import UsageError

_DRAWS = 20_000
_LEAST = 1e-5


def _pairs(weights: list[float]) -> dict[tuple[int, int], float]:
    """Return the chance of each unordered pair when the next is drawn in proportion to weight."""
    total = sum(weights)
    return {
        (i, j): weights[i] / total * weights[j] / (total - weights[i])
        + weights[j] / total * weights[i] / (total - weights[j])
        for i, j in itertools.combinations(range(len(weights)), 2)
    }


def _p_value(seen: list[tuple[int, ...]], expected: dict[tuple[int, ...], float]) -> float:
    counts = {outcome: 0 for outcome in expected}
    for outcome in seen:
        counts[outcome] += 1  # a KeyError is an outcome that cannot be
    return float(
        stats.chisquare(list(counts.values()), [p * len(seen) for p in expected.values()]).pvalue
    )


def _list(n: int, weights: list[float] | None = None) -> NodeEdges:
    return NodeEdges(
        np.arange(n) * 10, None if weights is None else np.array(weights, dtype=np.float32)
    )


def test_uniform_draws_make_every_subset_equally_likely(rng: np.random.Generator) -> None:
    edges = _list(6)
    seen = [tuple(sorted(edges.draw("uniform", 2, rng).tolist())) for _ in range(_DRAWS)]
    assert _p_value(seen, dict.fromkeys(itertools.combinations(range(6), 2), 1 / 15)) > _LEAST


def test_draws_with_replacement_make_every_sequence_equally_likely(
    rng: np.random.Generator,
) -> None:
    edges = _list(4)
    seen = [tuple(edges.draw("replacement", 2, rng).tolist()) for _ in range(_DRAWS)]
    assert _p_value(seen, dict.fromkeys(itertools.product(range(4), repeat=2), 1 / 16)) > _LEAST


# With 1000 beside three light ones, repeats use up the tries and the rest comes by key.
@pytest.mark.parametrize("weights", [[1.0, 2.0, 3.0, 4.0], [1000.0, 1.0, 2.0, 3.0]])
def test_weighted_draws_follow_the_weights_left(
    weights: list[float], rng: np.random.Generator
) -> None:
    edges = _list(5, [*weights, 0.0])  # what weighs nothing is never drawn
    seen = [tuple(sorted(edges.draw("weighted", 2, rng).tolist())) for _ in range(_DRAWS)]
    assert _p_value(seen, _pairs(weights)) > _LEAST
    assert sorted(edges.draw("weighted", 9, rng).tolist()) == [0, 1, 2, 3]


def test_recent_edges_are_the_first_and_a_short_list_is_drawn_whole(
    rng: np.random.Generator,
) -> None:
    assert _list(5).draw("recent", 3, rng).tolist() == [0, 1, 2]
    assert sorted(_list(3).draw("uniform", 5, rng).tolist()) == [0, 1, 2]
    assert all(len(_list(0).draw(kind, 3, rng)) == 0 for kind in ("uniform", "replacement"))


def test_cutting_down_leaves_any_k_of_a_group(rng: np.random.Generator) -> None:
    groups = np.tile([7, 3, 7, 3, 7, 9], _DRAWS // 2)  # group 9 has one element a round
    rounds = np.repeat(np.arange(_DRAWS // 2), 6) * 100 + groups
    kept = sample_per_group(rounds, 2, rng)
    assert len(kept) == 5 * _DRAWS // 2
    of_seven = np.sort(kept[groups[kept] == 7]).reshape(-1, 2) % 6
    seen = [tuple(pair) for pair in of_seven.tolist()]
    assert _p_value(seen, dict.fromkeys([(0, 2), (0, 4), (2, 4)], 1 / 3)) > _LEAST
    assert len(sample_per_group(np.empty(0, dtype=np.int64), 2, rng)) == 0


@pytest.mark.parametrize("value", [0, -1, True, 2.0, "3", None])
def test_a_count_is_a_positive_whole_number(value: object) -> None:
    with pytest.raises(UsageError, match="parameter k must be a whole number from 1"):
        check_count("k", value)


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="kind must be one of uniform, replacement"):
        check_kind("best")

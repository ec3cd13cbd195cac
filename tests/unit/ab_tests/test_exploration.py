"""Explored positions: as many as were asked for, with the propensities that they really have."""

import numpy as np
import pytest
from scipy import integrate, stats

from engine.ab_tests.exploration import explore_by_rate, explore_uniformly

_ITEMS = ["a", "b", "c"]


def test_uniform_propensities_are_how_often_each_item_stood_there() -> None:
    generator = np.random.default_rng(13)
    pool = ["x", "y", "a", "z", "w"]  # a is listed already
    counts: dict[tuple[int, str], int] = {}
    propensity: dict[tuple[int, str], float] = {}
    for _ in range(4_000):
        shown = explore_uniformly(_ITEMS, pool, 0.4, generator)
        assert len({one.item for one in shown}) == 3
        for place, one in enumerate(shown):
            assert one.explored == (one.item not in _ITEMS)
            counts[place, one.item] = counts.get((place, one.item), 0) + 1
            propensity[place, one.item] = one.propensity
    assert propensity[0, "x"] == pytest.approx(0.1)
    assert propensity[2, "c"] == pytest.approx(0.6)
    for place in range(3):
        at = [key for key in counts if key[0] == place]
        assert sum(propensity[key] for key in at) == pytest.approx(1.0)
        expected = [4_000 * propensity[key] for key in at]
        assert stats.chisquare([counts[key] for key in at], expected).pvalue > 0.001


def test_thompson_sampling_explores_by_the_chance_that_a_rate_is_the_highest() -> None:
    generator = np.random.default_rng(14)
    conversions, shown = np.array([30.0, 5.0, 0.0]), np.array([100.0, 20.0, 0.0])
    posterior = [stats.beta(1 + c, 1 + n - c) for c, n in zip(conversions, shown, strict=True)]
    # P(the first is the highest), by the integral of its density times the others' distributions.
    best = [
        integrate.quad(
            lambda x, i=i: (
                posterior[i].pdf(x)
                * np.prod([other.cdf(x) for j, other in enumerate(posterior) if j != i])
            ),
            0,
            1,
        )[0]
        for i in range(3)
    ]
    assert sum(best) == pytest.approx(1.0)
    found: dict[str, float] = {}
    for _ in range(200):
        first = explore_by_rate(_ITEMS, ["x", "y", "z"], conversions, shown, 1.0, generator)[0]
        found[first.item] = first.propensity
    assert [found[item] for item in "xyz"] == pytest.approx(best, abs=0.04)


def test_without_a_pool_or_a_share_the_list_stays_as_it_is() -> None:
    generator = np.random.default_rng(15)
    for shown in (
        explore_uniformly(_ITEMS, ["a"], 0.5, generator),
        explore_uniformly(_ITEMS, ["x", "y", "z"], 0.0, generator),
    ):
        assert [(one.item, one.propensity) for one in shown] == [(item, 1.0) for item in _ITEMS]

"""Explored positions: as many as were asked for, with the propensities that they really have."""

from collections import Counter

import numpy as np
import pytest
from scipy import integrate, stats

from engine.ab_tests.exploration import explore, thompson_orders

_ITEMS = ["a", "b", "c", "d"]


def test_propensities_are_how_often_each_item_stood_there() -> None:
    generator = np.random.default_rng(13)
    pool = ["x", "y", "b", "z", "w"]  # b is listed already
    allowed = np.array([one not in _ITEMS for one in pool])
    shown, conversions = np.array([0.0, 30, 0, 10, 3]), np.array([0.0, 9, 0, 0, 1])
    orders = thompson_orders(conversions, shown, 500, generator, 0.2)
    counts: Counter[tuple[int, str]] = Counter()
    propensity: dict[tuple[int, str], float] = {}
    for _ in range(6_000):
        listed = explore(_ITEMS, pool, allowed, orders, 0.4, generator, fixed={0})
        assert len({one.item for one in listed}) == len(_ITEMS)
        for place, one in enumerate(listed):
            assert one.explored == (one.item not in _ITEMS)
            counts[place, one.item] += 1
            propensity[place, one.item] = one.propensity
    assert (counts[0, "a"], propensity[0, "a"]) == (6_000, 1.0), "a fixed place is never explored"
    assert propensity[2, "c"] == pytest.approx(0.6)
    for place in (1, 2, 3):
        at = [key for key in counts if key[0] == place]
        assert len(at) == 5
        assert sum(propensity[key] for key in at) == pytest.approx(1.0)
        expected = [6_000 * propensity[key] for key in at]
        assert stats.chisquare([counts[key] for key in at], expected).pvalue > 0.001


def test_thompson_sampling_orders_by_the_chance_that_a_rate_is_the_highest() -> None:
    generator = np.random.default_rng(14)
    conversions, shown = np.array([30.0, 5.0, 0.0]), np.array([100.0, 20.0, 0.0])
    posterior = [stats.beta(1 + c, 3 + n - c) for c, n in zip(conversions, shown, strict=True)]
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
    first = thompson_orders(conversions, shown, 20_000, generator, 0.25)[:, 0]
    assert np.bincount(first) / len(first) == pytest.approx(best, abs=0.015)


def test_without_a_pool_or_a_share_the_list_stays_as_it_is() -> None:
    generator = np.random.default_rng(15)
    orders = thompson_orders(np.zeros(2), np.zeros(2), 10, generator)
    nobody, everybody = np.zeros(2, dtype=bool), np.ones(2, dtype=bool)
    for allowed, share in ((nobody, 0.5), (everybody, 0.0)):
        listed = explore(_ITEMS, ["x", "y"], allowed, orders, share, generator)
        assert [(one.item, one.propensity) for one in listed] == [(item, 1.0) for item in _ITEMS]


def test_a_pool_that_is_smaller_than_the_list_leaves_the_last_positions() -> None:
    generator = np.random.default_rng(16)
    orders = thompson_orders(np.zeros(2), np.zeros(2), 10, generator)
    listed = explore(_ITEMS, ["x", "y"], np.ones(2, dtype=bool), orders, 1.0, generator)
    assert {one.item for one in listed[:2]} == {"x", "y"}
    assert [(one.item, one.propensity) for one in listed[2:]] == [("c", 1.0), ("d", 1.0)]


def test_every_new_item_is_tried_and_what_that_costs_is_bounded() -> None:
    """A shop of 40 known items and 30 new ones, a tenth of the positions explored."""
    generator = np.random.default_rng(17)
    rate = np.concatenate([np.full(40, 0.10), generator.uniform(0.01, 0.15, 30)])
    new, listed = np.arange(40, 70), [str(n) for n in range(10)]
    shown, conversions, lost = np.zeros(30), np.zeros(30), 0.0
    lists, tried_all_after = 3_000, None
    for number in range(lists):
        if number % 100 == 0:
            orders = thompson_orders(conversions, shown, 200, generator, 0.1)
        placed = explore(
            listed, [str(n) for n in new], np.ones(30, dtype=bool), orders, 0.1, generator, {0}
        )
        for one in placed:
            if one.explored:
                at = int(one.item) - 40
                shown[at] += 1
                conversions[at] += generator.random() < rate[int(one.item)]
                lost += 0.10 - rate[int(one.item)]
        if tried_all_after is None and shown.min() > 0:
            tried_all_after = (number + 1) * len(listed)
    assert tried_all_after is not None
    assert tried_all_after <= 3_000, "impressions"
    assert abs(shown.sum() / (lists * 9) - 0.1) < 0.01
    assert lost / (lists * 10 * 0.10) < 0.01, "conversions"
    assert np.corrcoef(rate[40:], shown)[0, 1] > 0.5, "what converts is tried more often"

"""The interval of a ratio goes by users, as drawing users again and again does."""

import numpy as np
import pytest

from engine.ab_tests.ratio_interval import RatioInterval, ratio_interval
from engine.ab_tests.ratio_metric import RatioMoments


def _interval(x: np.ndarray, y: np.ndarray) -> RatioInterval:  # type: ignore[type-arg]
    found = ratio_interval(RatioMoments.of(y, x))
    assert found is not None
    return found


def test_the_interval_is_that_of_drawing_users_again() -> None:
    rng = np.random.default_rng(7)
    x = rng.geometric(0.2, 400)
    y = rng.binomial(x, rng.beta(0.5, 4.5, 400))  # users differ: impressions are not independent
    found = _interval(x, y)
    drawn = rng.integers(400, size=(10_000, 400))
    ratios = y[drawn].sum(1) / x[drawn].sum(1)
    low, high = np.quantile(ratios, (0.025, 0.975))
    assert found.ratio == pytest.approx(y.sum() / x.sum())
    assert (found.low, found.high) == (pytest.approx(low, rel=0.06), pytest.approx(high, rel=0.06))
    by_impressions = 2 * 1.96 * np.sqrt(found.ratio * (1 - found.ratio) / x.sum())
    assert (found.high or 0) - (found.low or 0) > 1.4 * by_impressions


def test_what_cannot_be_told_is_not() -> None:
    one, none = np.array([4]), np.array([0, 0])
    assert _interval(one, np.array([1])) == RatioInterval(0.25, None, None)
    assert _interval(np.array([4, 5]), none) == RatioInterval(0.0, None, None)
    assert ratio_interval(RatioMoments(2, 0, 0, 0, 0, 0)) is None
    # Users who are all alike leave no doubt, whatever rounding says.
    assert _interval(np.array([3, 3]), np.array([0.1, 0.1])).low == pytest.approx(0.1 / 3)


def test_what_may_be_below_0_has_an_interval_that_may_be_so_too() -> None:
    sums = RatioMoments.of(np.array([-1.0, -2.0, -1.0, 0.5]), np.ones(4))
    found = ratio_interval(sums, least=-np.inf)
    assert found is not None
    assert (found.low or 0) < found.ratio < (found.high or 0)
    assert found.ratio - (found.low or 0) == pytest.approx((found.high or 0) - found.ratio)

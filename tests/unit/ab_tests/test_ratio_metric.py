"""Rates and their differences: the variance of Deng et al. as their paper has it, and coverage."""

import numpy as np
import pytest

from engine.ab_tests.ratio_metric import METRICS, RatioMoments, UserSums, difference


def _users(generator: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Shown items and conversions of users who differ in both, each at a rate of 0.1."""
    shown = 1.0 + generator.poisson(generator.gamma(2.0, 3.0, shape))
    taste = generator.beta(2.0, 18.0, shape)
    return shown, generator.binomial(shown.astype(int), taste).astype(float)


def test_the_variance_is_that_of_the_delta_method() -> None:
    shown, conversions = _users(np.random.default_rng(1), (400,))
    found = RatioMoments.of(conversions, shown)
    mean_y, mean_x = conversions.mean(), shown.mean()
    (var_y, cov), (_, var_x) = np.cov(conversions, shown)
    # Deng, Knoblich, Lu (2018), section 3.2.
    exact = (
        var_y / mean_x**2 - 2 * mean_y * cov / mean_x**3 + mean_y**2 * var_x / mean_x**4
    ) / len(shown)
    assert found.rate == pytest.approx(conversions.sum() / shown.sum())
    assert found.error**2 == pytest.approx(exact)
    halves = RatioMoments.of(conversions[:150], shown[:150]) + RatioMoments.of(
        conversions[150:], shown[150:]
    )
    assert halves.error == pytest.approx(found.error)


def test_each_metric_divides_what_its_name_says() -> None:
    sums = UserSums(np.array([4.0, 6.0]), np.array([1.0, 2.0]), np.array([10.0, 30.0]))
    rates = [float(sums.moments(metric).rate) for metric in METRICS]
    assert rates == pytest.approx([0.3, 4.0, 1.5, 20.0])


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    generator = np.random.default_rng(2)
    absolute = relative = 0
    for _ in range(400):
        a, b = (RatioMoments.of(*_users(generator, (600,))[::-1]) for _ in range(2))
        found = difference(a, b, 1.96)
        absolute += found.low <= 0.0 <= found.high
        assert found.relative_low is not None
        assert found.relative_high is not None
        relative += found.relative_low <= 0.0 <= found.relative_high
        assert found.significant == (not found.low <= 0.0 <= found.high)
    assert 0.92 <= absolute / 400 <= 0.98
    assert 0.92 <= relative / 400 <= 0.98


def test_a_control_without_conversions_has_no_relative_difference() -> None:
    nothing, some = np.zeros(60), np.tile([0.0, 1.0], 30)
    found = difference(RatioMoments.of(nothing, some + 1), RatioMoments.of(some, some + 1), 1.96)
    assert found.relative is None
    assert found.difference == pytest.approx(1 / 3)

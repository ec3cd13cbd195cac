"""Confidence sequences under continuous looks at experiments in which nothing differs."""

import numpy as np
import pytest

from engine.ab_tests.confidence_sequence import (
    FEWEST_USERS,
    fixed_p_value,
    fixed_width,
    sequence_p_value,
    sequence_width,
)
from engine.ab_tests.ratio_metric import RateDifference, RatioMoments

_EXPERIMENTS = 400


def _ever_found(looks: list[tuple[RatioMoments, RatioMoments]], *, always_valid: bool) -> float:
    """Return in which share of the experiments some look left out 0."""
    found = np.zeros(_EXPERIMENTS, dtype=bool)
    for a, b in looks:
        users = float(np.max(a.users + b.users))
        width = sequence_width(users) if always_valid else fixed_width()
        found |= np.abs(a.rate - b.rate) > width * np.hypot(a.error, b.error)
    return float(found.mean())


def _moments(y: np.ndarray, x: np.ndarray) -> RatioMoments:
    """Moments of the users in the last axis."""
    users = np.full(len(y), float(y.shape[-1]))
    return RatioMoments(users, *(one.sum(axis=-1) for one in (y, x, y * y, x * y, x * x)))


def _entering(generator: np.random.Generator) -> RatioMoments:
    """Return the moments of 50 new users in each experiment."""
    shown = 1.0 + generator.poisson(4.0, (_EXPERIMENTS, 50))
    taste = generator.beta(1.0, 9.0, shown.shape)
    return _moments(generator.binomial(shown.astype(int), taste).astype(float), shown)


def test_no_number_of_looks_finds_more_than_may_be_found() -> None:
    generator = np.random.default_rng(3)
    a, b = _entering(generator), _entering(generator)
    looks = [(a, b)]
    for _ in range(49):
        a, b = a + _entering(generator), b + _entering(generator)
        looks.append((a, b))
    assert _ever_found(looks, always_valid=True) <= 0.05
    assert _ever_found(looks, always_valid=False) > 0.15, "the looks are enough to be misled by"


def test_nor_does_it_where_the_same_users_come_again_every_day() -> None:
    generator = np.random.default_rng(4)
    tastes = generator.beta(1.0, 9.0, (2, _EXPERIMENTS, 150))
    shown = np.zeros_like(tastes)
    conversions = np.zeros_like(tastes)
    looks = []
    for _ in range(20):
        today = generator.poisson(2.0, tastes.shape)
        shown += today
        conversions += generator.binomial(today, tastes)
        looks.append((_moments(conversions[0], shown[0]), _moments(conversions[1], shown[1])))
    assert _ever_found(looks, always_valid=True) <= 0.05


@pytest.mark.parametrize("users", [2 * FEWEST_USERS, 10_000, 3_000_000])
def test_the_p_value_is_below_alpha_where_the_interval_leaves_out_0(users: int) -> None:
    for alpha in (0.05, 0.01):
        width = sequence_width(users, alpha)
        for z, below in ((width - 0.01, False), (width + 0.01, True)):
            found = RateDifference(z, 1.0, 0.0, 0.0, None, None, None)
            assert (sequence_p_value(found, users, alpha) < alpha) == below
    assert fixed_p_value(RateDifference(1.96, 1.0, 0, 0, None, None, None)) == pytest.approx(
        0.05, abs=1e-4
    )


def test_the_interval_is_that_of_the_paper_and_narrowest_where_it_is_said_to_be() -> None:
    users, alpha = 10_000.0, 0.05
    rho2 = (-2 * np.log(alpha) + np.log(-2 * np.log(alpha) + 1)) / users
    inside = 2 * (users * rho2 + 1) / (users**2 * rho2) * np.log(np.sqrt(users * rho2 + 1) / alpha)
    assert sequence_width(users) == pytest.approx(np.sqrt(users * inside))
    widths = [sequence_width(count) for count in (100.0, 10_000.0, 1e6)]
    assert widths[1] == min(widths)
    assert 1.4 < widths[1] / fixed_width() < 1.6


def test_what_never_varies_differs_for_certain_or_not_at_all() -> None:
    same, other = (RateDifference(one, 0.0, one, one, None, None, None) for one in (0.0, 0.1))
    assert (sequence_p_value(same, 100), fixed_p_value(same)) == (1.0, 1.0)
    assert (sequence_p_value(other, 100), fixed_p_value(other)) == (0.0, 0.0)

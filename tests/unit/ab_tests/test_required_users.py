"""Power: the formula of two means, and experiments of the size that it names."""

import numpy as np
import pytest
from scipy.stats import norm

from engine.ab_tests.confidence_sequence import fixed_width, sequence_width
from engine.ab_tests.ratio_metric import RatioMoments
from engine.ab_tests.required_users import required_users


def _rates(generator: np.random.Generator, rate: float, users: int) -> RatioMoments:
    converted = (generator.random(users) < rate).astype(float)
    return RatioMoments.of(converted, np.ones(users))


def test_one_look_needs_what_the_formula_of_two_means_says() -> None:
    control = _rates(np.random.default_rng(6), 0.2, 5_000)
    found = required_users(control, (50, 50), 0.1, always_valid=False, users_a_day=1_000)
    assert found is not None
    rate = float(control.rate)
    spread = rate * (1 - rate) * 5_000 / 4_999
    each = 2 * spread * ((norm.ppf(0.975) + norm.ppf(0.8)) / (0.1 * rate)) ** 2
    assert found.users == pytest.approx(2 * each, rel=1e-3)
    assert found.days == found.users / 1_000


@pytest.mark.parametrize("always_valid", [True, False])
def test_four_of_five_experiments_of_that_size_show_the_effect(always_valid: bool) -> None:
    generator = np.random.default_rng(7)
    found = required_users(_rates(generator, 0.3, 20_000), (80, 20), 0.1, always_valid=always_valid)
    assert found is not None
    width = sequence_width(found.users) if always_valid else fixed_width()
    a_users, b_users = round(0.8 * found.users), round(0.2 * found.users)
    a = generator.binomial(a_users, 0.30, 2_000) / a_users
    b = generator.binomial(b_users, 0.33, 2_000) / b_users
    error = np.sqrt(a * (1 - a) / a_users + b * (1 - b) / b_users)
    assert 0.76 < np.mean(b - a > width * error) < 0.84


def test_what_may_be_looked_at_any_time_needs_more_and_nothing_shows_where_nothing_converts() -> (
    None
):
    control = _rates(np.random.default_rng(8), 0.1, 3_000)
    one_look = required_users(control, (50, 50), 0.05, always_valid=False)
    any_time = required_users(control, (50, 50), 0.05)
    assert one_look is not None
    assert any_time is not None
    assert one_look.users < any_time.users < 3 * one_look.users
    assert any_time.days is None
    nothing = RatioMoments.of(np.zeros(100), np.ones(100))
    assert required_users(nothing, (50, 50), 0.05) is None

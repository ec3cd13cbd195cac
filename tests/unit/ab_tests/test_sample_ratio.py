"""Sample ratio mismatch: Pearson's statistic as SciPy has it, and where the alarm begins."""

import numpy as np
import pytest
from scipy import stats

from engine.ab_tests.sample_ratio import sample_ratio


def test_the_statistic_is_pearsons() -> None:
    users, shares = [4_900, 5_100, 1_030], [45.0, 45.0, 10.0]
    expected = sum(users) * np.array(shares) / 100
    assert sample_ratio(users, shares).p == pytest.approx(stats.chisquare(users, expected).pvalue)


def test_a_lost_hundredth_of_many_users_is_an_alarm_and_of_few_is_chance() -> None:
    assert sample_ratio([50_000, 48_900], [50, 50]).mismatch
    assert not sample_ratio([500, 490], [50, 50]).mismatch
    assert not sample_ratio([0, 0], [50, 50]).mismatch


def test_splits_by_the_shares_hardly_ever_alarm() -> None:
    drawn = np.random.default_rng(5).multinomial(20_000, [0.5, 0.3, 0.2], 2_000)
    found = [sample_ratio(users, (50, 30, 20)) for users in drawn.tolist()]
    assert sum(one.mismatch for one in found) <= 8
    assert 0.03 < np.mean([one.p < 0.05 for one in found]) < 0.07

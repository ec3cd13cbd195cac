"""A thousand A/A experiments of the same users: 5 % ± 2 % of them may be significant."""

import numpy as np

from engine.ab_tests.ratio_metric import METRICS, UserSums
from engine.ab_tests.simulated_splits import simulate_splits


def test_at_most_one_in_twenty_is_significant_by_any_metric() -> None:
    generator = np.random.default_rng(9)
    shown = generator.poisson(generator.gamma(2.0, 3.0, 1_500)).astype(float)
    conversions = generator.binomial(shown.astype(int), generator.beta(1.0, 9.0, 1_500))
    value = conversions * generator.lognormal(3.0, 0.5, 1_500)
    sums = UserSums(shown, conversions.astype(float), value)
    for metric in METRICS:
        found = simulate_splits(sums, metric, generator)
        assert found.splits == 1_000
        assert 0.03 <= found.significant <= 0.07, metric
        assert found.sound


def test_a_metric_that_one_user_decides_is_no_more_often_significant() -> None:
    generator = np.random.default_rng(10)
    value = np.zeros(400)
    value[0] = 1e6
    sums = UserSums(np.ones(400), (value > 0).astype(float), value)
    assert simulate_splits(sums, "value", generator).sound

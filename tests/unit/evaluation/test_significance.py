import tracemalloc

import numpy as np
import pytest

from engine.evaluation.significance import paired_bootstrap


def test_interval_equals_the_normal_one_on_many_users() -> None:
    generator = np.random.default_rng(0)
    ours, theirs = generator.normal(0.3, 1, 2_000), np.zeros(2_000)
    found = paired_bootstrap(ours, theirs, generator)
    error = ours.std(ddof=1) / np.sqrt(len(ours))
    assert found.mean == pytest.approx(ours.mean())
    assert found.low == pytest.approx(ours.mean() - 1.96 * error, abs=0.1 * error)
    assert found.high == pytest.approx(ours.mean() + 1.96 * error, abs=0.1 * error)
    assert found.better


def test_equal_methods_are_not_better() -> None:
    same = np.ones(10)
    assert not paired_bootstrap(same, same, np.random.default_rng(0)).better


def test_no_users_no_claim() -> None:
    assert not paired_bootstrap(np.empty(0), np.empty(0), np.random.default_rng(0)).better


@pytest.mark.parametrize("confidence", [0.95, 0.99])
def test_the_interval_of_many_users_is_that_of_resampling_them(confidence: float) -> None:
    """Gains of a few users beside small losses of many: as skewed as differences of ndcg are."""
    generator = np.random.default_rng(3)
    gains = np.where(generator.random(20_000) < 0.04, generator.beta(2, 2, 20_000), 0.0)
    ours = gains - np.where(generator.random(20_000) < 0.3, generator.beta(1, 30, 20_000), 0.0)
    found = paired_bootstrap(ours, np.zeros(20_000), generator, confidence=confidence)
    means = [ours[generator.integers(0, 20_000, (50, 20_000))].mean(axis=1) for _ in range(80)]
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(np.concatenate(means), (tail, 1.0 - tail))
    # Four thousand draws leave their quantiles an error of about this.
    error = 3 * ours.std() / np.sqrt(20_000) / np.sqrt(4_000 * tail)
    assert found.low == pytest.approx(low, abs=error)
    assert found.high == pytest.approx(high, abs=error)
    assert (found.high - found.mean) > 1.005 * (found.mean - found.low)


def test_memory_does_not_grow_with_the_users() -> None:
    peaks = []
    for users in (4_000, 400_000):
        ours, theirs = np.random.default_rng(0).random((2, users))
        tracemalloc.start()
        paired_bootstrap(ours, theirs, np.random.default_rng(0))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert max(peaks) < 32 * 2**20


def test_users_who_all_differ_alike_leave_no_doubt() -> None:
    found = paired_bootstrap(np.full(6_000, 0.5), np.zeros(6_000), np.random.default_rng(0))
    assert (found.low, found.mean, found.high) == (0.5, 0.5, 0.5)

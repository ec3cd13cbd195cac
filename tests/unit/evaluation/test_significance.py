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

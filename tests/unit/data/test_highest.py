import numpy as np
import pytest

from engine.data.highest import among_best, among_highest, nth_highest


@pytest.mark.parametrize("n", [1, 3, 7, 8, 20])
def test_it_is_what_sorting_says(n: int) -> None:
    values = np.random.default_rng(n).permutation(8).astype(np.float64)
    assert np.flatnonzero(among_highest(values, n)).tolist() == sorted(
        np.argsort(-values)[:n].tolist()
    )


def test_all_that_are_level_with_the_last_are_among_them() -> None:
    values = np.array([1.0, 5.0, 3.0, 3.0, 0.0, 3.0])
    assert among_highest(values, 2).tolist() == [False, True, True, True, False, True]
    assert among_highest(values, 1).tolist() == [False, True, False, False, False, False]
    assert among_highest(values[:0], 2).tolist() == []


@pytest.mark.parametrize("n", [1, 3, 7, 8, 20])
def test_of_level_values_the_smaller_tie_orders_are_the_best(n: int) -> None:
    generator = np.random.default_rng(n)
    values, ties = generator.integers(0, 3, 8).astype(np.float64), generator.permutation(8)
    best = np.lexsort((ties, -values))[:n]
    assert np.flatnonzero(among_best(values, ties, n)).tolist() == sorted(best.tolist())


@pytest.mark.parametrize("n", [1, 3, 8])
def test_the_nth_highest_of_each_row_is_what_sorting_says(n: int) -> None:
    values = np.random.default_rng(n).integers(-2, 4, (5, 8)).astype(np.float32)
    before = values.copy()
    assert nth_highest(values, n).tolist() == np.sort(values, axis=1)[:, -n].tolist()
    assert values.tolist() == before.tolist()

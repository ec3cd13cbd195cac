import numpy as np
import pytest

from engine.errors import ModelError
from engine.models.packed_symmetric import PackedSymmetric


@pytest.mark.parametrize("order", [1, 2, 5, 8, 33])
def test_rows_and_diagonal_are_those_that_were_set(order: int) -> None:
    matrix, packed = _filled(order)
    some = np.array([order - 1, 0, order // 2])
    np.testing.assert_array_equal(packed.rows(np.arange(order)), matrix)
    np.testing.assert_array_equal(packed.rows(some), matrix[some])
    np.testing.assert_array_equal(packed.diagonal(), np.diagonal(matrix))


@pytest.mark.parametrize("order", [1, 2, 5, 8, 33])
def test_the_inverse_is_that_of_the_whole_table(order: int) -> None:
    matrix, packed = _filled(order)
    packed.invert()
    expected = np.linalg.inv(matrix.astype(np.float64))
    np.testing.assert_allclose(packed.rows(np.arange(order)), expected, atol=1e-5)
    np.testing.assert_allclose(packed.diagonal(), np.diagonal(expected), atol=1e-5)


def test_what_has_no_inverse_is_refused() -> None:
    packed = PackedSymmetric(3)
    packed.set_rows(0, np.ones((3, 3), dtype=np.float32) - 2 * np.eye(3, dtype=np.float32))
    with pytest.raises(ModelError, match="no inverse"):
        packed.invert()


def _filled(order: int) -> tuple[np.ndarray, PackedSymmetric]:
    draw = np.random.default_rng(order)
    half = draw.normal(size=(order, order))
    matrix = (half @ half.T + order * np.eye(order)).astype(np.float32)
    matrix = np.tril(matrix) + np.tril(matrix, -1).T
    packed = PackedSymmetric(order)
    for first in range(0, order, 3):
        packed.set_rows(first, matrix[first : first + 3])
    return matrix, packed

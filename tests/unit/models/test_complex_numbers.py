import numpy as np
import pytest
import torch

from engine.errors import UsageError
from engine.models.complex_numbers import check_even, conjugate, moduli, times, turns


def numbers(vectors: torch.Tensor) -> np.ndarray:
    """The same vectors as NumPy has complex numbers."""
    real, imaginary = np.split(vectors.numpy(), 2, axis=1)
    result: np.ndarray = real + 1j * imaginary
    return result


def test_arithmetic_is_numpy_s() -> None:
    one, other = torch.randn(5, 6), torch.randn(5, 6)
    np.testing.assert_allclose(numbers(times(one, other)), numbers(one) * numbers(other), atol=1e-6)
    np.testing.assert_array_equal(numbers(conjugate(one)), numbers(one).conj())
    np.testing.assert_allclose(moduli(one), np.abs(numbers(one)), atol=1e-6)
    angles = torch.randn(5, 3)
    np.testing.assert_allclose(numbers(turns(angles)), np.exp(1j * angles.numpy()), atol=1e-6)


def test_a_modulus_of_zero_has_a_gradient_that_is_a_number() -> None:
    zeros = torch.zeros(1, 4, requires_grad=True)
    moduli(zeros).sum().backward()
    assert zeros.grad is not None
    assert not zeros.grad.any()


def test_an_odd_length_holds_no_whole_number_of_them() -> None:
    check_even(6)
    with pytest.raises(UsageError, match="not 7") as caught:
        check_even(7)
    assert "dimension=8" in caught.value.hint

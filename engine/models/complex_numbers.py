"""Complex vectors as real ones: the real parts, then as many imaginary ones.

Kept as reals, they are stored and compared as any other vector: the real part of ⟨a, b̄⟩ is their
inner product, and ‖a - b‖ their Euclidean distance.
"""

import torch

from engine.errors import UsageError


def check_even(dimension: int) -> None:
    """Refuse a length that holds no whole number of complex numbers.

    Raises:
        UsageError: It is odd.
    """
    if dimension % 2:
        raise UsageError(
            f"dimension must be even for complex numbers, two reals each, not {dimension}",
            hint=f"--set dimension={dimension + 1}",
        )


def times(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Return the products, coordinate by coordinate; ``(n, d)`` each."""
    (a, b), (c, d) = one.chunk(2, dim=1), other.chunk(2, dim=1)
    return torch.cat((a * c - b * d, a * d + b * c), dim=1)


def conjugate(vectors: torch.Tensor) -> torch.Tensor:
    """Return them with their imaginary parts negated."""
    real, imaginary = vectors.chunk(2, dim=1)
    return torch.cat((real, -imaginary), dim=1)


def moduli(vectors: torch.Tensor) -> torch.Tensor:
    """Return √(re² + im²), ``(..., d / 2)`` of ``(..., d)``; the gradient of 0 is 0."""
    lengths: torch.Tensor = torch.linalg.vector_norm(torch.stack(vectors.chunk(2, dim=-1)), dim=0)
    return lengths


def turns(angles: torch.Tensor) -> torch.Tensor:
    """Return e^(iθ) of angles ``(n, d / 2)``, ``(n, d)``."""
    return torch.cat((angles.cos(), angles.sin()), dim=1)

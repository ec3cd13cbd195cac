"""Spectral start: the leading singular vectors of the normalised user-item matrix.

Randomised SVD with power iterations (Halko, Martinsson and Tropp 2011). Starting from these, a
model of the LightGCN family needs a fraction of the epochs.
"""

import numpy as np
from scipy import sparse

from engine.data.arrays import Float32Array

_OVERSAMPLE = 10
_POWER_ITERATIONS = 4
_ROUNDING = 1e-5


def randomised_svd(
    matrix: sparse.csr_array, rank: int, generator: np.random.Generator
) -> tuple[Float32Array, Float32Array, Float32Array]:
    """Return U ``(n, r)``, the singular values ``(r,)`` and V ``(m, r)``, r <= rank.

    Fewer where the matrix has a lower rank: vectors of a singular value that is nothing but
    rounding are any vectors, other ones for every seed. One is returned at least.
    """
    width = min(rank + _OVERSAMPLE, *matrix.shape)
    basis = generator.standard_normal((matrix.shape[1], width)).astype(np.float32)
    transposed = matrix.T.tocsr()
    basis = np.linalg.qr(matrix @ basis)[0]
    square = len(basis) == width  # it spans all rows: there is nothing that iterations would find
    for _ in range(0 if square else _POWER_ITERATIONS):
        basis = np.linalg.qr(matrix @ np.linalg.qr(transposed @ basis)[0])[0]
    right, values, left = np.linalg.svd(transposed @ basis, full_matrices=False)
    above = int(np.count_nonzero(values > _ROUNDING * values[0]))
    keep = min(rank, max(1, above))
    users = basis @ left.T[:, :keep]
    return users.astype(np.float32), values[:keep], right[:, :keep].astype(np.float32)


def start(
    matrix: sparse.csr_array, dimension: int, generator: np.random.Generator
) -> tuple[Float32Array, Float32Array]:
    """Return first vectors of users and items, ``(n, dimension)``, with rows near unit length."""
    users, values, items = randomised_svd(matrix, dimension, generator)
    return tuple(  # type: ignore[return-value]
        _widen(vectors * np.sqrt(values), dimension, generator) for vectors in (users, items)
    )


def _widen(vectors: Float32Array, dimension: int, generator: np.random.Generator) -> Float32Array:
    """Scale to a mean row length of 1 and fill missing columns with noise."""
    length = float(np.sqrt((vectors**2).sum(axis=1)).mean())
    noise = generator.standard_normal((len(vectors), dimension)).astype(np.float32)
    noise *= 0.01 / np.sqrt(dimension)
    noise[:, : vectors.shape[1]] += vectors / max(length, 1e-12)
    return noise

"""A symmetric matrix in rectangular full packed format, and its inverse: half of a table.

Gustavson, Waśniewski, Dongarra and Langou (2010, *Rectangular Full Packed Format for Cholesky's
Algorithm*): the lower triangle of an even order m, in two pieces, fills a table of (m + 1, m / 2)
without a gap, on which LAPACK factors and inverts with products of whole blocks.
"""

import numpy as np
from scipy.linalg import lapack

from engine.data.arrays import Float32Array, Int64Array
from engine.errors import ModelError


class PackedSymmetric:
    """A symmetric matrix that is filled and read by rows; 2 n² bytes.

    Args:
        order: n, its number of rows.
    """

    def __init__(self, order: int) -> None:
        self._order = order
        self._even = order + order % 2
        self._half = self._even // 2
        self._cells = np.zeros((self._even + 1) * self._half, dtype=np.float32)
        if order % 2:  # a last row that has nothing to do with the others
            self._table[self._half - 1, self._half - 1] = 1.0

    def set_rows(self, first: int, rows: Float32Array) -> None:
        """Set some rows; of each the part from its diagonal on is looked at.

        Args:
            first: Number of the first of them.
            rows: ``(b, n)``.
        """
        table, half = self._table, self._half
        for row, values in enumerate(rows, first):
            own = values[row:]
            if row < half:
                table[row + 1 : row + 1 + len(own), row] = own
            else:
                table[row - half, row - half : row - half + len(own)] = own

    def rows(self, which: Int64Array) -> Float32Array:
        """Return some rows, ``(len(which), n) float32``, a fresh array."""
        table, half = self._table, self._half
        found = np.empty((len(which), self._even), dtype=np.float32)
        for values, row in zip(found, which.tolist(), strict=True):
            if row < half:
                values[: row + 1] = table[row + 1, : row + 1]
                values[row + 1 :] = table[row + 2 :, row]
            else:
                across = row - half
                values[:half] = table[row + 1]
                values[half : row + 1] = table[: across + 1, across]
                values[row + 1 :] = table[across, across + 1 :]
        return np.ascontiguousarray(found[:, : self._order])

    def diagonal(self) -> Float32Array:
        """Return the diagonal, ``(n,) float32``."""
        upper = np.diagonal(self._table, -1)[: self._half]
        lower = np.diagonal(self._table)[: self._half]
        return np.concatenate((upper, lower))[: self._order]

    def invert(self) -> None:
        """Put the inverse in the place of the matrix; n³ products and sums.

        Raises:
            ModelError: It is not positive definite.
        """
        for step in (lapack.spftrf, lapack.spftri):
            self._cells, info = step(self._even, self._cells, uplo="L", overwrite_a=1)
            if info:
                raise ModelError(
                    "the matrix of items by items has no inverse", hint="a larger --set l2"
                )

    @property
    def _table(self) -> Float32Array:
        return self._cells.reshape((self._even + 1, self._half), order="F")

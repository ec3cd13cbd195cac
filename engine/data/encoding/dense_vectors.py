"""Vectors that a user brought, such as embeddings of pictures, as columns of features.

Rows are scaled to unit length and the mean of all is taken away, for what every picture has tells
none apart. Wide ones are then brought down to their coordinates on the leading principal axes; a
later row is projected on the same axes. Rows have a length of one on average.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import eigh

from engine.data.arrays import Float32Array, Float64Array

MOST_DIMENSIONS = 256
"""Columns of a vector that are kept as they are, or principal axes in their place."""
_ROWS = 2_048


@dataclass(frozen=True, eq=False)
class DenseVectors:
    """How the vectors of one attribute become columns.

    Attributes:
        mean: ``(width,) float32`` of the rows of unit length.
        axes: ``(width, c) float32``, scaled so that rows have a length of one on average; the
            identity, scaled, is kept as one number: None with ``scale``.
        scale: Factor of the columns where there are no axes.
    """

    mean: Float32Array
    axes: Float32Array | None
    scale: float

    @classmethod
    def fitted(cls, rows: Float32Array) -> "DenseVectors | None":
        """Return what the rows that are there say; None where none is.

        Args:
            rows: ``(n, width)``; a row of zeros is missing.
        """
        count, total = 0, np.zeros(rows.shape[1])
        for unit in _units(rows):
            count, total = count + len(unit), total + unit.sum(axis=0, dtype=np.float64)
        if not count:
            return None
        mean = (total / count).astype(np.float32)
        spread = 1.0 - float(mean.astype(np.float64) @ mean)
        if rows.shape[1] <= MOST_DIMENSIONS:
            return cls(mean, None, _factor(spread))
        products = np.zeros((rows.shape[1], rows.shape[1]))
        for unit in _units(rows):
            moved = unit - mean
            products += moved.T @ moved
        values, axes = _leading(products)
        return cls(mean, (axes * _factor(values.sum() / count)).astype(np.float32), 1.0)

    @property
    def width(self) -> int:
        """Numbers of a vector that is brought."""
        return len(self.mean)

    def encode(self, rows: Float32Array) -> Float32Array:
        """Return ``(n, c) float32``; a row of zeros stays one.

        Args:
            rows: ``(n, width)``.

        Raises:
            ValueError: They have another width.
        """
        if rows.ndim != 2 or rows.shape[1] != self.width:
            raise ValueError(f"vectors have the shape {rows.shape}, not (n, {self.width})")
        columns = self.width if self.axes is None else self.axes.shape[1]
        found = np.zeros((len(rows), columns), dtype=np.float32)
        for start in range(0, len(rows), _ROWS):
            part = rows[start : start + _ROWS]
            there = part.any(axis=1)
            moved = _unit(part[there]) - self.mean
            made = moved * self.scale if self.axes is None else moved @ self.axes
            found[start : start + _ROWS][there] = made
        return found

    def state(self) -> dict[str, Any]:
        """Return what ``restored`` makes the same from."""
        return {"mean": self.mean, "axes": self.axes, "scale": self.scale}

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> "DenseVectors":
        """Return what ``state`` was of."""
        return cls(state["mean"], state["axes"], state["scale"])


def _leading(products: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return the largest eigenvalues and their vectors, the leading one first, each with a sign."""
    last = len(products) - 1
    values, axes = eigh(products, subset_by_index=(last - MOST_DIMENSIONS + 1, last))
    values, axes = np.maximum(values[::-1], 0.0), axes[:, ::-1]
    largest = np.abs(axes).argmax(axis=0)
    return values, axes * np.where(axes[largest, np.arange(axes.shape[1])] < 0, -1.0, 1.0)


def _factor(mean_square: float) -> float:
    return float(1.0 / np.sqrt(mean_square)) if mean_square > 1e-9 else 1.0


def _units(rows: Float32Array) -> Iterator[Float32Array]:
    """Yield the rows that are there, of unit length, some at a time."""
    for start in range(0, len(rows), _ROWS):
        part = rows[start : start + _ROWS]
        yield _unit(part[part.any(axis=1)])


def _unit(rows: Float32Array) -> Float32Array:
    # Squares of what float32 can hold may be more than it can.
    largest = np.abs(rows).max(axis=1, keepdims=True, initial=0.0)
    scaled = rows / np.where(largest > 0, largest, 1.0)
    unit: Float32Array = scaled / np.maximum(np.linalg.norm(scaled, axis=1, keepdims=True), 1e-30)
    return unit.astype(np.float32, copy=False)

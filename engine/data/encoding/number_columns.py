"""Attributes that are numbers: a column of the value and one that marks where it is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.data.arrays import Float32Array, Float64Array

FEW_VALUES = 20
"""With no more different values a number is a word: 1 to 5 stars, a class, a year of six."""
_FARTHEST = 1e6
"""Deviations from the mean that count: nothing that a mean of fewer than 10^12 was made of is as
far away, and what arrives later, however large, leaves a number that a model can reckon with."""


@dataclass(frozen=True, eq=False)
class NumberColumns:
    """Numbers brought to mean 0 and deviation 1.

    Attributes:
        names: Of the attributes.
        means: ``(n,)`` of each, where it is there.
        spreads: ``(n,)`` deviation of each, 1 where all values are one.
    """

    names: tuple[str, ...]
    means: Float64Array
    spreads: Float64Array

    @classmethod
    def fitted(cls, known: Sequence[Mapping[str, Any]]) -> "NumberColumns":
        """Return the columns of the attributes that are numbers wherever they are.

        Args:
            known: Attributes of each node.
        """
        names = _numeric(known)
        values = [
            np.array([float(one[name]) for one in known if one.get(name) is not None])
            for name in names
        ]
        found = np.array([_mean_and_spread(column) for column in values]).reshape(-1, 2)
        return cls(tuple(names), found[:, 0], found[:, 1])

    def encode(self, known: Sequence[Mapping[str, Any]]) -> Float32Array:
        """Return ``(n, 2 * len(names)) float32``; what is no number counts as missing."""
        parts = []
        for name, mean, spread in zip(self.names, self.means, self.spreads, strict=True):
            values = [number_of(one.get(name)) for one in known]
            there = np.array([value is not None for value in values], dtype=bool)
            numbers = np.array([0.0 if value is None else value for value in values])
            with np.errstate(over="ignore"):
                apart = np.clip((numbers - mean) / spread, -_FARTHEST, _FARTHEST)
            parts += [np.where(there, apart, 0.0), ~there]
        if not parts:
            return np.empty((len(known), 0), dtype=np.float32)
        return np.stack(parts, axis=1).astype(np.float32)

    def state(self) -> dict[str, Any]:
        """Return what ``restored`` makes the same from."""
        return {"names": list(self.names), "means": self.means, "spreads": self.spreads}

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> "NumberColumns":
        """Return what ``state`` was of."""
        return cls(tuple(state["names"]), state["means"], state["spreads"])


def number_of(value: Any) -> float | None:
    """Return a finite number that a value is or says; None for all others."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _mean_and_spread(column: Float64Array) -> tuple[float, float]:
    """Return the mean and the deviation; 1 for the latter where all values are one."""
    # Sums and squares of what 64 bits can hold may be more than they can; a power of two is taken
    # out and put back, which changes no digit.
    power = int(np.frexp(np.abs(column).max())[1])
    small = np.ldexp(column, -power)
    mean, spread = np.ldexp((small.mean(), small.std()), power)
    return float(mean), float(spread) or 1.0


def _numeric(known: Sequence[Mapping[str, Any]]) -> list[str]:
    values: dict[str, set[Any]] = {}
    for one in known:
        for name, value in one.items():
            values.setdefault(name, set()).add(tuple(value) if isinstance(value, list) else value)
    return sorted(
        name
        for name, found in values.items()
        if len(found) > FEW_VALUES and all(number_of(value) is not None for value in found)
    )

"""Random: a list that is drawn, one for each user and always the same; the floor of every table."""

from dataclasses import dataclass

import numpy as np

from engine.data.arrays import Float32Array, Int64Array
from engine.data.interactions import Interactions


@dataclass(frozen=True)
class RandomConfig:
    """Random has no settings."""


class Random:
    """Score every item by a number drawn for the user and the item.

    Args:
        train: Says how many items there are.
        generator: Draws the seed of all numbers.
    """

    def __init__(self, train: Interactions, generator: np.random.Generator) -> None:
        self._n_items = train.n_items
        self._seed = int(generator.integers(2**62))

    def score(self, rows: Int64Array) -> Float32Array:
        """Return ``(len(rows), n_items) float32``."""
        drawn = np.empty((len(rows), self._n_items), dtype=np.float32)
        for place, row in enumerate(rows.tolist()):
            generator = np.random.default_rng([self._seed, row])
            drawn[place] = generator.random(self._n_items, dtype=np.float32)
        return drawn

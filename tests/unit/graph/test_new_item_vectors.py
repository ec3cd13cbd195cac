"""A new item stands where its neighbours do on average, and is no hub."""

import numpy as np
import pytest

from engine.data.arrays import Float64Array
from engine.graph.new_item_vectors import of_length_one

RNG = np.random.default_rng(7)
WIDTH = 32


def _unit(vectors: Float64Array) -> Float64Array:
    unit: Float64Array = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return unit


DIRECTION = _unit(RNG.normal(size=WIDTH))
USERS = _unit(3.0 * DIRECTION + _unit(RNG.normal(size=(400, WIDTH))))
ITEMS = _unit(0.3 * DIRECTION + _unit(RNG.normal(size=(1_000, WIDTH))))
MEANS = np.array([ITEMS[RNG.choice(1_000, 50)].mean(axis=0) for _ in range(40)])


def _places(new: Float64Array) -> float:
    """Return the share of new items among the ten nearest of every user."""
    cosines = np.hstack([USERS @ ITEMS.T, USERS @ new.T])
    nearest = np.argsort(-cosines, axis=1)[:, :10]
    return float((nearest >= len(ITEMS)).mean())


def test_it_is_as_near_to_users_as_its_neighbours_are() -> None:
    placed = np.array([of_length_one(mean, _unit(USERS.mean(axis=0))) for mean in MEANS])
    assert np.linalg.norm(placed, axis=1) == pytest.approx(np.ones(40))
    assert (USERS @ placed.T).mean() == pytest.approx((USERS @ MEANS.T).mean(), abs=0.01)
    assert _places(placed) < 0.04
    # 40 of 1,040 items: without the direction nearly every list is of new items alone.
    hubs = np.array([of_length_one(mean, None) for mean in MEANS])
    assert _places(hubs) > 0.9


def test_who_has_one_neighbour_stands_with_it() -> None:
    assert of_length_one(ITEMS[3], DIRECTION) == pytest.approx(ITEMS[3])
    assert of_length_one(0.5 * DIRECTION, DIRECTION) == pytest.approx(DIRECTION)

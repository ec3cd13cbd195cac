"""What an item is expected to convert at a position: the model of the doubly robust estimate.

The rate of the position, times the item's own rate over that of all; an item of which little is
known is taken for an ordinary one. It is learned from one half of the users and used for the other
(cross-fitting, Chernozhukov and others 2018), so that nobody's reward predicts itself.
"""

from dataclasses import dataclass

import numpy as np

from engine.data.arrays import Float64Array, Int64Array

_PRIOR_SHOWN = 20.0


@dataclass(frozen=True, eq=False)
class PlacedItems:
    """Items at positions, ``(n,)`` each: numbers from 0."""

    item: Int64Array
    place: Int64Array


def expected_rewards(
    user: Int64Array, shown: PlacedItems, reward: Float64Array, wanted: PlacedItems
) -> tuple[Float64Array, Float64Array]:
    """Return what is expected of what was shown and of other items there, ``(n,)`` each.

    Args:
        user: ``(n,)``, whose; the halves are those of even and of odd numbers.
        shown: What was shown.
        reward: ``(n,)``, what came of it.
        wanted: Others, for the same users; an item below 0 is none, and nothing comes of it.
    """
    n_items = 1 + int(max(shown.item.max(), wanted.item.max()))
    n_places = 1 + int(max(shown.place.max(), wanted.place.max()))
    of_shown, of_wanted = np.zeros(len(user)), np.zeros(len(user))
    for half in (0, 1):
        mine, other = user % 2 == half, user % 2 != half
        table = _table(shown.item[other], shown.place[other], reward[other], (n_items, n_places))
        of_shown[mine] = table[shown.item[mine], shown.place[mine]]
        of_wanted[mine] = table[wanted.item[mine], wanted.place[mine]]
    return of_shown, np.where(wanted.item < 0, 0.0, of_wanted)


def _table(
    item: Int64Array, place: Int64Array, reward: Float64Array, shape: tuple[int, int]
) -> Float64Array:
    """Return the reward that is expected of each item at each place."""
    mean = float(np.mean(reward)) if len(reward) else 0.0
    of_place = _shrunk(place, reward, np.full(len(reward), mean), shape[1]) * mean
    of_item = _shrunk(item, reward, of_place[place], shape[0])
    table: Float64Array = of_item[:, None] * of_place
    return table


def _shrunk(
    key: Int64Array, reward: Float64Array, expected: Float64Array, length: int
) -> Float64Array:
    """Return the rewards of each key over those that are expected, drawn to 1 where few are."""
    prior = _PRIOR_SHOWN * (float(np.mean(expected)) if len(expected) else 0.0)
    got = np.bincount(key, reward, length) + prior
    due = np.bincount(key, expected, length) + prior
    ratio: Float64Array = np.divide(got, due, out=np.ones(length), where=due > 0)
    return ratio

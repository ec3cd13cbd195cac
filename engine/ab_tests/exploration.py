"""Exploration: a share of the positions is given to items that are new or of which little is known.

Each position is explored by a coin of its own; an item that is explored takes the place of the one
that stood there. With every item goes its propensity, the probability with which it stood at its
position: with it another ordering can be judged afterwards (``off_policy``).

Two orders of what is explored: ``uniform`` (ε-greedy), and by Thompson sampling (Thompson 1933;
Chapelle and Li 2011, "An Empirical Evaluation of Thompson Sampling", NeurIPS) of item rates, each
with the posterior Beta(1 + conversions, 1 + shown - conversions).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.data.arrays import Float64Array, Int64Array

_DRAWS = 2_000


@dataclass(frozen=True)
class ExploredItem:
    """An item as it is shown.

    Attributes:
        propensity: The probability that it stood at this position.
        explored: Whether it stands there to be explored.
    """

    item: str
    propensity: float
    explored: bool


def explore_uniformly(
    items: Sequence[str], pool: Sequence[str], share: float, generator: np.random.Generator
) -> list[ExploredItem]:
    """Return a list with some positions given to items of a pool, each as likely as the others.

    The propensities are exact: ``share / len(pool)`` of what is explored, ``1 - share`` of the
    rest.

    Args:
        items: Ids, best first.
        pool: Ids; those of ``items`` among them are left out.
        share: Of the positions, 0 to 1.
        generator: Draws.
    """
    pool = _others(items, pool)
    order = generator.permutation(len(pool))
    chance = np.full((len(pool), len(items)), 1.0 / max(len(pool), 1))
    return _placed(items, pool, order, chance, share, generator)


def explore_by_rate(
    items: Sequence[str],
    pool: Sequence[str],
    conversions: Float64Array,
    shown: Float64Array,
    share: float,
    generator: np.random.Generator,
) -> list[ExploredItem]:
    """Return a list with some positions given to items of a pool by Thompson sampling.

    The propensities are those of 2,000 draws and of the one that is shown: within 0.01.

    Args:
        items: Ids, best first.
        pool: Ids, none of them in ``items``.
        conversions: ``(len(pool),)``, of each.
        shown: ``(len(pool),)``, how often each was shown.
        share: Of the positions, 0 to 1.
        generator: Draws.
    """
    a, b = 1.0 + conversions, 1.0 + shown - conversions
    draws = generator.beta(a, b, (_DRAWS + 1, len(pool)))
    orders = np.argsort(-draws, axis=1)[:, : len(items)]
    places = np.arange(orders.shape[1])
    chance = np.zeros((len(pool), len(items)))
    np.add.at(chance, (orders, np.broadcast_to(places, orders.shape)), 1.0 / len(orders))
    return _placed(items, pool, orders[0], chance, share, generator)


def _others(items: Sequence[str], pool: Sequence[str]) -> list[str]:
    listed = set(items)
    return [item for item in pool if item not in listed]


def _placed(
    items: Sequence[str],
    pool: Sequence[str],
    order: Int64Array,
    chance: Float64Array,
    share: float,
    generator: np.random.Generator,
) -> list[ExploredItem]:
    """Let coins decide which positions are explored.

    Args:
        items: Ids, best first.
        pool: Ids.
        order: Rows of the pool, for each position the one that would be explored there.
        chance: ``(len(pool), len(items))``, how likely each was to be that one.
        share: Of the positions.
        generator: Throws the coins.
    """
    coins = generator.random(len(items)) < share
    placed = []
    for place, item in enumerate(items):
        if place >= len(order):
            placed.append(ExploredItem(item, 1.0, False))
        elif coins[place]:
            row = int(order[place])
            placed.append(ExploredItem(pool[row], share * float(chance[row, place]), True))
        else:
            placed.append(ExploredItem(item, 1.0 - share, False))
    return placed

"""Exploration: a share of the positions is given to items of which little is known.

Which of them stands at an explored position is decided by Thompson sampling (Thompson 1933;
Chapelle and Li 2011, "An Empirical Evaluation of Thompson Sampling", NeurIPS): each item has a
rate, of which Beta(1 + conversions, 1 / m - 1 + shown - conversions) is known, with m the rate that
an item is expected to have before it was shown; one rate is drawn for each, and the highest come
first.

Each position is explored by a coin of its own; an item that is explored takes the place of the one
that stood there. With every item goes its propensity, the probability with which it stood at its
position: with it another ordering can be judged afterwards (``off_policy``).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from engine.data.arrays import BoolArray, Float64Array, Int64Array


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


def thompson_orders(
    conversions: Float64Array,
    shown: Float64Array,
    draws: int,
    generator: np.random.Generator,
    expected_rate: float = 0.5,
) -> Int64Array:
    """Return orders of a pool by rates that are drawn, ``(draws, n)``: rows of it, best first.

    Args:
        conversions: ``(n,)``, of each item.
        shown: ``(n,)``, how often each was shown.
        draws: How many orders.
        generator: Draws.
        expected_rate: Of an item that was never shown, between 0 and 1; with 0.5 every rate is as
            likely as any other.
    """
    misses = 1.0 / expected_rate - 1.0 + shown - conversions
    rates = generator.beta(1.0 + conversions, misses, (draws, len(shown)))
    return np.argsort(-rates, axis=1)


def explore(
    items: Sequence[str],
    pool: Sequence[str],
    allowed: BoolArray,
    orders: Int64Array,
    share: float,
    generator: np.random.Generator,
    fixed: Collection[int] = (),
) -> list[ExploredItem]:
    """Return a list with some positions given to items of a pool.

    One of the orders is drawn; its items go, the first first, with the positions that may be
    explored. So the propensities are exact, as every order is as likely as the others.

    Args:
        items: Ids, best first.
        pool: Ids.
        allowed: ``(len(pool),)``, which of them may take part: none of ``items``.
        orders: ``(draws, len(pool))``, of the pool: ``thompson_orders``.
        share: Of the positions, 0 to 1.
        generator: Throws the coins, and draws the order.
        fixed: Places, from 0, that are never explored.
    """
    open_orders = orders[allowed[orders]].reshape(len(orders), -1)
    drawn = open_orders[generator.integers(len(orders))]
    coins = generator.random(len(items)) < share
    placed, turn = [], 0
    for place, item in enumerate(items):
        if place in fixed or turn >= len(drawn):
            placed.append(ExploredItem(item, 1.0, explored=False))
            continue
        if coins[place]:
            chance = float(np.mean(open_orders[:, turn] == drawn[turn]))
            placed.append(ExploredItem(pool[drawn[turn]], share * chance, explored=True))
        else:
            placed.append(ExploredItem(item, 1.0 - share, explored=False))
        turn += 1
    return placed

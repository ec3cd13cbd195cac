"""Give a share of a list's positions to items of which little is known; with propensities."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np

from engine.ab_tests.exploration import explore, thompson_orders
from engine.data.arrays import Int64Array
from engine.graph import item_rates
from engine.graph.item_rates import ItemRate
from engine.graph.lists import traits
from engine.graph.lists.question import Arrangement, Question
from engine.graph.lists.recommendations import RecommendationList, Recommended
from engine.store.graph_client import GraphClient

KNOWN_AFTER = 100
"""An item that was shown so often is explored no more: its rate is known to some per cent."""

_DAYS_MS = 28 * 86_400_000
_LISTS = 20_000
_NEW = 500
_POOL = 30
_ORDERS = 1_000


@dataclass(frozen=True, eq=False)
class ExplorationPool:
    """Items that are explored for a while, and orders of them.

    Attributes:
        items: Ids.
        orders: ``(draws, len(items)) int64``: rows of ``items``, each order as likely as another.
    """

    items: tuple[str, ...]
    orders: Int64Array


FindPool = Callable[[GraphClient], ExplorationPool | None]
"""Returns the pool to explore, or None where it is not known yet what lists showed."""


def exploration_pool(
    graph: GraphClient, generator: np.random.Generator | None = None
) -> ExplorationPool:
    """Return what is to be explored, as the graph has it now.

    Items that the lists of 28 days, of the newest 20,000 of them, showed less than a hundred times,
    and of those that they never showed the 500 with the fewest events. Of them 30 are drawn, by
    Thompson sampling.

    Args:
        graph: Where from.
        generator: Draws; None: one that nobody can repeat.
    """
    generator = generator or np.random.default_rng()
    since = int(time.time() * 1_000) - _DAYS_MS
    rates = {one.item: one for one in item_rates.of_newest_lists(graph, since, _LISTS)}
    few = [one for one in rates.values() if one.item and one.shown < KNOWN_AFTER]
    new = item_rates.little_known(graph, list(rates), _NEW)
    items = np.array([*(one.item for one in few), *new])
    shown, conversions = np.zeros(len(items)), np.zeros(len(items))
    shown[: len(few)] = [one.shown for one in few]
    conversions[: len(few)] = [one.conversions for one in few]
    expected = _expected_rate(rates.values())
    (drawn,) = thompson_orders(conversions, shown, 1, generator, expected)[:, :_POOL]
    orders = thompson_orders(conversions[drawn], shown[drawn], _ORDERS, generator, expected)
    return ExplorationPool(tuple(items[drawn].tolist()), orders)


def explored(
    graph: GraphClient,
    found: RecommendationList,
    question: Question,
    user: str | None,
    pool: ExplorationPool | None,
) -> RecommendationList:
    """Return a list with the share of its positions explored that the question asks for.

    The first position and what is pinned stay. The list's id is the seed of the coins and of the
    order: with the same pool they can be drawn again.

    Args:
        graph: Tells what may be shown to the user.
        found: The list.
        question: Its rules hold for what is explored too.
        user: Id, or None.
        pool: What is to be explored; None: not known yet, so nothing is.
    """
    if not question.explore:
        return found
    if pool is None:
        said = "Nothing is explored: what remembered lists showed is not known, or not yet."
        return replace(found, reasons=(*found.reasons, said))
    listed = {one.id for one in found.items}
    plain = replace(question, arrangement=Arrangement())
    ids = [one for one in pool.items if one not in listed]
    known = traits.of_items(graph, ids, plain, user, found.generation)
    placed = explore(
        [one.id for one in found.items],
        pool.items,
        np.array([one in known for one in pool.items], dtype=bool),
        pool.orders,
        question.explore,
        np.random.default_rng(UUID(found.list_id).int),
        {place for place, (position, one) in enumerate(found.placed())
         if position == 1 or one.source == "pinned"},
    )  # fmt: skip
    items = tuple(
        Recommended(new.item, known[new.item].name, 0.0, "explore") if new.explored else one
        for new, one in zip(placed, found.items, strict=True)
    )
    return replace(found, items=items, propensities=tuple(one.propensity for one in placed))


def _expected_rate(rates: Iterable[ItemRate]) -> float:
    """Return the rate of all items, which one that was never shown is expected to have."""
    shown = conversions = 0
    for one in rates:
        shown, conversions = shown + one.shown, conversions + one.conversions
    return (conversions + 1) / (shown + 2)

"""A shop whose truth is known: who likes what, how far people look, which items come and go.

Drawn from the purchases of completejourney, by a seed. Everything random is drawn beforehand, for
every user, item and day: two ways of serving that show the same item at the same position meet the
same answer (common random numbers), so what differs between them is what they showed.

What users like. What a household bought in the whole year of the data, it likes. Any other item
``i`` of type ``t`` it likes with the probability

    min(0.9, 0.5 · (bought(u, t) + 5 · mean(t)) / (size(t) + 5) · sqrt(popular(i)))

where ``bought(u, t)`` are the different items of the type that it bought, ``size(t)`` all there
are, ``mean(t)`` the mean over households of ``bought(u, t) / size(t)``, and ``popular(i)`` how
often the item was bought, of the mean of its type. Whether it likes an item is drawn once: who has
looked at an item and left it will more likely leave it again.

What users do. Of a list, a user looks at the positions 1 to r with the probability ``r ** -eta``,
one draw a visit, so nobody skips a position. What the user looks at and likes is bought with the
probability ``appeal``. Beside that the household buys what the data says, on the day it did.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from benchmarks import completejourney
from benchmarks.completejourney import Shop

FIRST = date(2017, 11, 21)
"""The first day on which lists are shown; what happened before is history."""
_LIKED_UNBOUGHT, _PRIOR, _MOST = 0.5, 5.0, 0.9
_VISITS, _FEWEST_VISITS = 4.0, 0.1
_FOUR_WEEKS = 28


@dataclass(frozen=True)
class WorldRequest:
    """How large the world is, and what people are like.

    Attributes:
        eta: Of the position bias: position r is looked at with the probability ``r ** -eta``.
        appeal: The probability that an item is bought that is looked at and liked.
        coming: Share of the products that are new within four weeks.
        going: Share of the products that are hidden within four weeks.
    """

    households: int = 300
    products: int = 2_000
    days: int = 28
    seed: int = 1
    eta: float = 0.7
    appeal: float = 0.3
    coming: float = 0.15
    going: float = 0.1


@dataclass(frozen=True, eq=False)
class Visit:
    """What a user does with a list.

    Attributes:
        looked_at: How many positions, from the first on.
        bought: ``(positions,)``, whether each item was.
        expected: ``(positions,)``, the probability of that before the visit's draws: whether the
            position is looked at, times whether the item is bought then.
    """

    looked_at: int
    bought: np.ndarray
    expected: np.ndarray


@dataclass(frozen=True, eq=False)
class ShopWorld:
    """The truth.

    Attributes:
        users: Ids.
        items: Ids.
        purchases: ``user_id, item_id, event, timestamp, weight, basket_id`` of the data, in the
            order of time, ids as text.
        described: What is said of each item, as ``POST /v1/items`` takes it.
        wants: ``(users, items)``, the probability that what is looked at is bought.
        comes: ``(items,)``, the day from which an item is there; -1: it was there before.
        goes: ``(items,)``, the day from which it is hidden; ``days``: it stays.
        visits: ``(days, users)``, who asks for a list.
    """

    request: WorldRequest
    users: tuple[str, ...]
    items: tuple[str, ...]
    purchases: pl.DataFrame
    described: tuple[dict[str, Any], ...]
    wants: np.ndarray
    comes: np.ndarray
    goes: np.ndarray
    visits: np.ndarray
    _patience: np.ndarray
    _row_of: dict[str, int] = field(init=False, default_factory=dict)
    _whims: dict[int, np.ndarray] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._row_of.update({item: row for row, item in enumerate(self.items)})

    def history(self) -> pl.DataFrame:
        """Return the purchases before the first day, of items that were there."""
        there = self._ids(self.comes < 0)
        return self.purchases.filter(
            pl.col("timestamp") < FIRST.isoformat(), pl.col("item_id").is_in(there)
        )

    def bought_anyway(self, day: int) -> pl.DataFrame:
        """Return what the data says of a day, of items that were there."""
        on = pl.col("timestamp").str.starts_with(date_of(day).isoformat())
        return self.purchases.filter(on, pl.col("item_id").is_in(self._ids(self.present(day))))

    def present(self, day: int) -> np.ndarray:
        """Return which items can be bought on a day, ``(items,)``."""
        return (self.comes <= day) & (day < self.goes)

    def descriptions(self, which: np.ndarray) -> list[dict[str, Any]]:
        """Return what is said of items, ``(items,)`` booleans."""
        return [self.described[row] for row in np.flatnonzero(which)]

    def visit(self, day: int, user: int, items: Sequence[str]) -> Visit:
        """Return what a user does with a list, its best item first."""
        rows = [self._row_of[item] for item in items]
        bias = np.arange(1, len(rows) + 1) ** -self.request.eta
        looked_at = int((bias > self._patience[day, user]).sum())
        wants = self.wants[user, rows]
        bought = self._whim(day)[user, rows] < wants
        bought[looked_at:] = False
        return Visit(looked_at, bought, wants * bias)

    def _whim(self, day: int) -> np.ndarray:
        if day not in self._whims:
            self._whims.clear()
            generator = np.random.default_rng((self.request.seed, day))
            self._whims[day] = generator.random(self.wants.shape, dtype=np.float32)
        return self._whims[day]

    def _ids(self, which: np.ndarray) -> list[str]:
        return [self.items[row] for row in np.flatnonzero(which)]


def date_of(day: int) -> date:
    """Return the date of a day of the simulation, the first being 0."""
    return FIRST + timedelta(days=day)


def world(shop: Shop, request: WorldRequest) -> ShopWorld:
    """Draw a world from a shop's purchases."""
    generator = np.random.default_rng(request.seed)
    households = completejourney.chosen(shop, request.households, request.seed)
    bought = completejourney.most_bought(shop.of(households).events, request.products)
    bought = bought.with_columns(pl.col("user_id", "item_id", "basket_id").cast(pl.String))
    items = shop.items.with_columns(pl.col("item_id").cast(pl.String))
    items = items.filter(pl.col("item_id").is_in(bought["item_id"].unique().implode()))
    items = items.sort("item_id")
    users = tuple(sorted(bought["user_id"].unique()))
    counts = _counts(bought, users, items["item_id"])
    likes = generator.random(counts.shape) < liking(counts, _kinds(items))
    comes, goes = _comings_and_goings(len(items), request, generator)
    return ShopWorld(
        request,
        users,
        tuple(items["item_id"]),
        bought,
        tuple(_described(items)),
        (request.appeal * likes).astype(np.float32),
        comes,
        goes,
        generator.random((request.days, len(users))) < _visiting(bought, users),
        generator.random((request.days, len(users))),
    )


def liking(counts: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """Return with which probability each user likes each item, by the module's formula.

    Args:
        counts: ``(users, items)``, how often each bought each.
        kinds: ``(items,)``, the number of each one's type.
    """
    of_kind = np.equal.outer(kinds, np.arange(kinds.max() + 1)).astype(np.float64)
    size = of_kind.sum(axis=0)
    had = (counts > 0) @ of_kind
    share = (had + _PRIOR * (had / size).mean(axis=0)) / (size + _PRIOR)
    taken = counts.sum(axis=0)
    popular = taken / ((taken @ of_kind) / size)[kinds]
    chance = np.minimum(_MOST, _LIKED_UNBOUGHT * share[:, kinds] * np.sqrt(popular))
    return np.where(counts > 0, 1.0, chance)


def _counts(bought: pl.DataFrame, users: Sequence[str], items: pl.Series) -> np.ndarray:
    row = pl.Series(bought["user_id"]).replace_strict(users, range(len(users)))
    column = bought["item_id"].replace_strict(items, range(len(items)))
    counts = np.zeros((len(users), len(items)))
    np.add.at(counts, (row.to_numpy(), column.to_numpy()), 1.0)
    return counts


def _kinds(items: pl.DataFrame) -> np.ndarray:
    kind = items["product_type"].fill_null("")
    return kind.rank("dense").to_numpy().astype(np.int64) - 1


def _comings_and_goings(
    count: int, request: WorldRequest, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    days, order = request.days, generator.permutation(count)
    comes, goes = np.full(count, -1), np.full(count, days)
    coming, going = (
        round(share * count * days / _FOUR_WEEKS) for share in (request.coming, request.going)
    )
    comes[order[:coming]] = generator.integers(0, days, coming)
    goes[order[coming : coming + going]] = generator.integers(0, days, going)
    return comes, goes


def _visiting(bought: pl.DataFrame, users: Sequence[str]) -> np.ndarray:
    """Return how likely each user looks on a day: four times as often as it buys."""
    day = pl.col("timestamp").str.slice(0, 10)
    days = bought.group_by("user_id").agg(day.n_unique().alias("days")).sort("user_id")
    share = days["days"].to_numpy() / bought.select(day.n_unique()).item()
    return np.clip(_VISITS * share, _FEWEST_VISITS, 1.0)


def _described(items: pl.DataFrame) -> list[dict[str, Any]]:
    relations = completejourney.RELATIONS
    return [
        {
            "id": row["item_id"],
            "attributes": {"name": row["name"], "product_type": row["product_type"] or ""},
            "facts": [
                {"relation": relation, "tail": str(row[attribute]), "tail_type": kind}
                for attribute, (relation, kind) in relations.items()
                if row[attribute] is not None
            ],
        }
        for row in items.iter_rows(named=True)
    ]

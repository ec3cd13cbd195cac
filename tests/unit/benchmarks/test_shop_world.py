"""The truth of the simulator: tastes, positions, items that come and go, alike for every shop."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from benchmarks.completejourney import Shop
from benchmarks.shop_world import ShopWorld, WorldRequest, date_of, liking, world

REQUEST = WorldRequest(households=40, products=56, days=20, seed=3)


@pytest.fixture(scope="module")
def drawn() -> ShopWorld:
    return world(_shop(), REQUEST)


def _shop() -> Shop:
    """Fifty households, eighty products of eight types, fifty days around the first."""
    generator, rows = np.random.default_rng(1), 6_000
    at = np.sort(generator.integers(-30 * 86_400, 20 * 86_400, rows))
    events = pl.DataFrame(
        {
            "user_id": generator.integers(1, 51, rows),
            "item_id": (80 * generator.beta(1, 2, rows)).astype(np.int64),
            "event": "purchase",
            "timestamp": [f"{np.datetime64(date_of(0), 's') + s}Z" for s in at],
            "weight": 1.0,
            "basket_id": np.arange(rows),
        }
    )
    items = pl.DataFrame({"item_id": np.arange(80)}).with_columns(
        name=pl.format("item {}", "item_id"),
        product_type=pl.format("type {}", pl.col("item_id") % 8),
        department=pl.lit("grocery"),
        brand=pl.lit("National"),
        product_category=pl.lit("food"),
        manufacturer_id=pl.lit(69),
    )
    described = pl.DataFrame({"user_id": [1]}), pl.DataFrame({"head": [1]})
    return Shop(events, items, *described)


def test_tastes_are_what_was_bought_and_more_of_its_type_by_the_formula() -> None:
    counts = np.array([[2.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0]])
    found = liking(counts, np.array([0, 0, 1, 1]))
    assert found[counts > 0].tolist() == [1.0, 1.0, 1.0]
    # Of type 0 the first bought 1 of 2, the second 0: the mean share is .25. Item 0 was bought
    # twice, item 1 never, so nobody likes that.
    assert found[:, 1].tolist() == [0.0, 0.0]
    assert found[1, 0] == pytest.approx(0.5 * (0 + 5 * 0.25) / 7 * np.sqrt(2))
    assert found[0, 2] == pytest.approx(0.5 * (1 + 5 * 0.5) / 7)


def test_what_is_bought_follows_the_position_and_the_taste_and_nothing_else(
    drawn: ShopWorld,
) -> None:
    items, last = drawn.items[:10], drawn.items[40]
    bias = np.arange(1, 11) ** -REQUEST.eta
    every = [(day, user) for day in range(REQUEST.days) for user in range(len(drawn.users))]
    looked = np.zeros(10)
    for day, user in every:
        seen, other = drawn.visit(day, user, items), drawn.visit(day, user, (*items[:9], last))
        looked += np.arange(10) < seen.looked_at
        # Another shop that differs at the last position alone meets the same answer elsewhere.
        assert other.looked_at == seen.looked_at
        assert other.bought[:9].tolist() == seen.bought[:9].tolist()
        assert not seen.bought[seen.looked_at :].any()
        liked = drawn.wants[user, :10] > 0
        assert not seen.bought[~liked].any()
        assert seen.expected == pytest.approx(REQUEST.appeal * liked * bias)
    error = np.sqrt(bias * (1 - bias) / len(every))
    assert (np.abs(looked / len(every) - bias) <= 4 * error).all()


def test_what_is_expected_is_what_is_bought_on_average(drawn: ShopWorld) -> None:
    items = drawn.items[:10]
    visits = [drawn.visit(d, u, items) for d in range(REQUEST.days) for u in range(40)]
    bought = sum(int(one.bought.sum()) for one in visits)
    expected = sum(float(one.expected.sum()) for one in visits)
    assert abs(bought - expected) <= 4 * np.sqrt(expected)
    assert expected > 100


def test_items_come_and_go_and_nothing_is_bought_that_is_not_there(drawn: ShopWorld) -> None:
    comes = dict(zip(drawn.items, drawn.comes, strict=True))
    goes = dict(zip(drawn.items, drawn.goes, strict=True))
    assert sum(day >= 0 for day in comes.values()) == 6
    assert sum(day < REQUEST.days for day in goes.values()) == 4
    history = drawn.history()
    assert all(comes[item] < 0 for item in history["item_id"].unique())
    assert history["timestamp"].max() < "2017-11-21"
    for day in range(REQUEST.days):
        bought = drawn.bought_anyway(day)
        assert all(comes[item] <= day < goes[item] for item in bought["item_id"])
        assert bought["timestamp"].str.starts_with(str(date_of(day))).all()
    (new,) = drawn.descriptions(drawn.comes == max(comes.values()))[:1]
    assert {"relation": "IN_DEPARTMENT", "tail": "grocery", "tail_type": "Department"} in new[
        "facts"
    ]


def test_a_seed_is_a_world(drawn: ShopWorld) -> None:
    again, other = world(_shop(), REQUEST), world(_shop(), replace(REQUEST, seed=4))
    assert (again.wants == drawn.wants).all()
    assert (again.visits == drawn.visits).all()
    assert (
        again.visit(5, 3, drawn.items[:10]).looked_at
        == drawn.visit(5, 3, drawn.items[:10]).looked_at
    )
    assert other.users != drawn.users

"""The households that the package carries, and the smaller demonstrations made of them."""

import re

import numpy as np
import polars as pl
import pytest

from engine.resources import demo_dir
from engine.usecases.demonstration_data import DemoData

_MOST_BYTES = 4 << 20


@pytest.fixture(scope="module")
def data() -> DemoData:
    return DemoData(demo_dir())


def test_the_package_carries_whole_households(data: DemoData) -> None:
    events = pl.read_parquet(demo_dir() / "events.parquet")
    assert events["user_id"].n_unique() == 300
    assert sum(path.stat().st_size for path in demo_dir().iterdir()) < _MOST_BYTES
    # A sample of rows would hold few repeats, and baskets of one or two items.
    repeats = 1 - events.select("user_id", "item_id").n_unique() / len(events)
    assert repeats > 0.35
    assert len(events) / events["basket_id"].n_unique() > 8
    assert data.rows["events"] == len(events) > 150_000


def test_every_product_has_a_name_of_its_own(data: DemoData) -> None:
    assert data.names.keys() == set(data.events["item"])
    assert len(set(data.names.values())) == len(data.names)
    for name in data.names.values():
        assert re.search("[A-Za-z]", name), name
        assert not re.search(r"product \d{3}", name, re.IGNORECASE), name
    assert "Eggs - X-Large, 1 dz" in data.names.values()


def test_facts_are_of_products_that_are_there(data: DemoData) -> None:
    facts = pl.read_parquet(demo_dir() / "facts.parquet")
    assert facts["relation"].unique().sort().to_list() == [
        "IN_CATEGORY",
        "IN_DEPARTMENT",
        "MADE_BY",
        "OF_BRAND",
        "OF_TYPE",
    ]
    assert set(facts["head"].cast(pl.String)) <= data.names.keys()


def test_fewer_households_keep_all_of_their_purchases(data: DemoData) -> None:
    some = DemoData(demo_dir(), 12)
    users = set(some.events["user"])
    assert len(users) == 12
    assert some.events.equals(data.events.filter(pl.col("user").is_in(users)))
    assert some.names.keys() == set(some.events["item"])
    with some.files() as files:
        for name, rows in some.rows.items():
            assert len(pl.read_parquet(getattr(files, name))) == rows
    assert 0 < some.rows["facts"] < data.rows["facts"]


def test_the_shoppers_go_from_many_to_few_purchases(data: DemoData) -> None:
    shoppers = data.shoppers()
    assert [kind for kind, _, _ in shoppers] == ["often", "now and then", "rarely"]
    counts = [purchases for _, _, purchases in shoppers]
    assert counts == sorted(counts, reverse=True)
    for _, user, purchases in shoppers:
        assert len(data.events.filter(pl.col("user") == user)) == purchases


def test_what_was_bought_last_stands_once_and_newest_first(data: DemoData) -> None:
    _, user, _ = data.shoppers()[0]
    bought = data.bought(user, 6)
    assert len({name for _, name in bought}) == 6
    days = [day for day, _ in bought]
    assert days == sorted(days, reverse=True)
    newest = data.events.filter(pl.col("user") == user)["at"].max()
    assert days[0] == pl.Series([newest], dtype=pl.Datetime("ms")).dt.date()[0]


def test_popular_lists_are_alike_but_for_what_each_has_bought(data: DemoData) -> None:
    users = data.some_users(5)
    assert len(users) == 5
    everything, new = (data.popular(users, 10, seen=seen) for seen in (True, False))
    assert np.array_equal(everything, np.tile(np.arange(10), (5, 1)))
    order = data.events.group_by("item").len().sort(["len", "item"], descending=[True, False])
    for row, user in enumerate(users):
        own = set(data.events.filter(pl.col("user") == user)["item"])
        assert not own & {order["item"][int(number)] for number in new[row]}

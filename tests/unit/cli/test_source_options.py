"""Addresses and queries of ``engine ingest``: which belongs to which, and what cannot be used."""

import pytest

from .refusal import refused

SHOP = "postgresql://shop.example/shop"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([SHOP], "no query says which rows of the database are events"),
        (["a.csv", "--query", "items=SELECT 1"], "--query: items are read from no database"),
        (["events.csv", "--query", "SELECT 1"], "--query: events are read from no database"),
        (["events.csv", "--watermark", "at"], "--watermark: events are read from no database"),
        (["--items", SHOP], "no query says which rows of the database are items"),
        (
            [SHOP, "--query", "SELECT 1", "--query", "events=SELECT 2"],
            "of the events is given twice",
        ),
        ([SHOP, "--query", "events="], "--query of the events is empty"),
        (["a.csv", "--follow", SHOP], "--follow goes without"),
        (["s3://shop/events/"], "s3:// is an address of files"),
        (["GS://shop/e.csv", "--query", "SELECT 1"], "gs:// is an address of files"),
        (["--items", "https://shop.example/items.csv"], "https:// is an address of files"),
        (["kafka://broker:9092/purchases"], "a topic of Kafka is followed"),
    ],
)
def test_what_does_not_belong_together_is_refused(arguments: list[str], says: str) -> None:
    assert says in refused("ingest", *arguments).message


def test_an_address_that_is_none_stops_it_before_a_database_is_started() -> None:
    assert "address is malformed" in refused("ingest", "://shop", "--query", "SELECT 1").message
    assert "oracle" in refused("ingest", "oracle://shop/x", "--query", "SELECT 1").message

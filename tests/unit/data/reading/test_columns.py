"""Columns go by name, whatever the file calls them."""

import pytest

from engine.data.reading import columns
from engine.errors import FileRefused


def events(*header: str, **chosen: str) -> dict[str, str]:
    return columns.assign(header, columns.EVENT_FIELDS, columns.EVENT_REQUIRED, chosen)


@pytest.mark.parametrize(
    "header",
    [
        ("user_id", "item_id"),
        ("item_id", "user_id"),
        ("userId", "movieId"),
        ("User-ID", "SKU"),
        ("customer_id", "article_id"),
        ("user_id:token", "item_id:token"),
        ("\ufeffuser_id", " item_id "),
    ],
)
def test_users_and_items_are_found(header: tuple[str, ...]) -> None:
    assert set(events(*header)) == {"user_id", "item_id"}
    assert set(events(*header).values()) == set(header)


def test_the_own_name_of_a_field_wins() -> None:
    assert events("user_id", "item_id", "product", "rating", "value", weight="rating") == {
        "user_id": "user_id",
        "item_id": "item_id",
        "weight": "rating",
    }


def test_a_typed_header_is_what_recbole_writes() -> None:
    header = ("user_id:token", "item_id:token", "rating:float", "timestamp:float")
    assert events(*header)["weight"] == "rating:float"
    assert columns.is_sequence("genre:token_seq")
    assert not columns.is_sequence("genre:token")


@pytest.mark.parametrize(
    ("header", "chosen", "code"),
    [
        (("user_id", "price"), {}, "header"),
        (("user_id item_id",), {}, "dialect"),
        (("user_id", "sku", "product"), {}, "header"),
        (("user_id", "item_id"), {"weight": "stars"}, "header"),
        (("user_id", "item_id", "item_id:token"), {}, "header"),
    ],
)
def test_a_header_that_does_not_do(
    header: tuple[str, ...], chosen: dict[str, str], code: str
) -> None:
    with pytest.raises(FileRefused) as refused:
        events(*header, **chosen)
    assert refused.value.code == code
    assert refused.value.hint


def test_no_line_no_names() -> None:
    assert events() == {}


def test_attributes_are_what_is_left() -> None:
    header = ("item_id", "title", "movie_title", "price")
    found = columns.attributes(header, "item_id", {})
    assert found == {"name": "title", "movie_title": "movie_title", "price": "price"}
    renamed = columns.attributes(("id", "Unit Price"), "id", {"price": "Unit Price"})
    assert renamed == {"price": "Unit Price"}


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (("i", "Price"), {}),
        (("i", "batch"), {}),
        (("i", "emb_1"), {}),
        (("i", "name", "title"), {"name": "title"}),
    ],
)
def test_attributes_that_cannot_be(header: tuple[str, ...], chosen: dict[str, str]) -> None:
    with pytest.raises(FileRefused):
        columns.attributes(header, "i", chosen)


def test_unused_columns_are_named() -> None:
    assert columns.unused(["a", "b"], {"head": "a"}) == ["b"]

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


@pytest.mark.parametrize(
    ("header", "chosen", "code"),
    [
        (("user_id", "price"), {}, "header"),
        (("user_id item_id",), {}, "dialect"),
        (('{"user_id":"u"', 'item_id:"i"}'), {}, "format"),
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


def attributes(*header: str, **chosen: str) -> columns.AttributeColumns:
    return columns.attributes(header, header[0], chosen)


def test_attributes_are_what_is_left() -> None:
    found = attributes("item_id", "title", "movie_title", "price")
    assert found.targets == {"name": "title", "movie_title": "movie_title", "price": "price"}
    assert attributes("id", "Unit Price", cost="Unit Price").targets == {"cost": "Unit Price"}
    assert not found.left_out
    assert not found.renamed


@pytest.mark.parametrize(
    ("column", "attribute"),
    [
        ("categoryId", "category_id"),
        ("Preis (€)", "preis"),
        ("Größe", "grosse"),
        ("Body (HTML)", "body_html"),
        ("Option1 Name", "option1_name"),
        ("HTMLBody", "html_body"),
        ("prix d'achat é", "prix_d_achat_e"),
        ("genre:token_seq", "genre"),
    ],
)
def test_other_names_are_folded(column: str, attribute: str) -> None:
    found = attributes("i", column)
    assert found.targets == {attribute: column}
    assert not found.left_out


def test_the_first_name_of_a_name_is_the_name() -> None:
    assert attributes("i", "productName", "Title").targets["name"] == "Title"
    assert attributes("i", "productName").targets == {"name": "productName"}


def test_columns_that_cannot_be_attributes_are_left_out_all_at_once() -> None:
    found = attributes("i", "価格", "batch", "emb_1", "3d", "", "price", "Price", "Unnamed: 0")
    assert found.targets == {"price": "price"}
    assert set(found.left_out) == {"価格", "batch", "emb_1", "3d", "", "Price", "Unnamed: 0"}
    assert "'price' is called price already" in found.left_out["Price"]
    assert "--map 'ATTRIBUTE=価格'" in found.left_out["価格"]


def test_columns_can_be_skipped() -> None:
    header = ("i", "Body (HTML)", "price:float")
    found = columns.attributes(header, "i", {}, ("Body (HTML)", "price"))
    assert found == columns.AttributeColumns()


@pytest.mark.parametrize("name", ["Price", "id", "x" * 64])
def test_a_name_that_is_chosen_must_be_one(name: str) -> None:
    with pytest.raises(FileRefused) as refused:
        attributes("i", "Preis", **{name: "Preis"})
    assert refused.value.hint


def test_a_better_name_of_a_field_comes_first() -> None:
    assert events("user_id", "item_id", "date", "event_time")["timestamp"] == "event_time"
    assert events("user_id", "item_id", "created_at")["timestamp"] == "created_at"
    assert events("visitorid", "uid", "item_id")["user_id"] == "visitorid"


def test_a_skipped_column_is_no_field() -> None:
    header = ("user_id", "item_id", "rating", "value")
    assigned = columns.assign(
        header, columns.EVENT_FIELDS, columns.EVENT_REQUIRED, {}, skipped=("value",)
    )
    assert assigned["weight"] == "rating"


def test_a_name_that_stands_twice_counts_only_where_it_is_used() -> None:
    twice = ("user_id", "item_id", "x (column 3)", "x (column 4)")
    assert set(events(*twice)) == {"user_id", "item_id"}
    assert events(*twice, weight="x (column 4)")["weight"] == "x (column 4)"
    with pytest.raises(FileRefused) as refused:
        events(*twice, weight="x")
    assert "x (column 3)" in refused.value.hint


def test_unused_columns_are_named() -> None:
    assert columns.unused(["a", "b"], {"head": "a"}) == ["b"]

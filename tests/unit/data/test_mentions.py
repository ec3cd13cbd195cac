import pytest

from engine.data.mentions import named_in, redacted


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("user_id 'alice': too long", "user_id [forgotten]: too long"),
        ("alice was described otherwise", "[forgotten] was described otherwise"),
        ("rows of alice, malice and alice2", "rows of [forgotten], malice and alice2"),
        ("nothing of her", "nothing of her"),
    ],
)
def test_a_mention_in_a_message_is_replaced(text: str, meant: str) -> None:
    assert redacted(text, ["alice"]) == meant


def test_a_number_counts_in_quotes_only() -> None:
    assert redacted("42 of 420 rows; user_id '42' is bad", ["42"]) == (
        "42 of 420 rows; user_id [forgotten] is bad"
    )


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({"user_id": "42", "item_id": "7"}, True),
        ({"user_id": "7", "item_id": "42", "rating": "42", "timestamp": "42"}, False),
        ({"kunde": "42", "item_id": "7"}, True),
        ({"user_id": "7", "friends": ["1", "42"]}, True),
        ({"_raw": "42;7;yesterday", "_line": 3}, True),
        ({"user_id": "7", "_line": 42, "_code": "enum"}, False),
        ({"user_id": "7", "_extra": ["x", "42"]}, True),
        ({"user_id": "7", "_reason": "item_id '42': too long"}, False),
        ({"user_id": "7", "_reason": "user_id '42': too long"}, True),
        ({"user_id": "7", "_reason": "42 was described otherwise earlier in the file"}, True),
        ({"user_id": "421"}, False),
    ],
)
def test_a_row_names_somebody_by_a_column_that_may_hold_them(
    row: dict[str, object], named: bool
) -> None:
    assert named_in(row, "user", {"42"}) == ({"42"} if named else set())


def test_items_are_looked_for_in_columns_of_items() -> None:
    row = {"user_id": "42", "sku": "43"}
    assert named_in(row, "item", {"42", "43"}) == {"43"}

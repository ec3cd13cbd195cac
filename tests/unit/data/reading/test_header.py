"""Names of columns are all different, and none is taken for a pattern."""

import polars as pl
import pytest

from engine.data.reading.header import bare_name, distinct_names, is_sequence, is_unnamed


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (["", "user_id", " item_id "], ["column 1", "user_id", "item_id"]),
        (["a", "", ""], ["a", "column 2", "column 3"]),
        (["x", "y", "x"], ["x (column 1)", "y", "x (column 3)"]),
        (["", "column 1"], ["column 1'", "column 1"]),
    ],
)
def test_every_column_has_a_name_of_its_own(header: list[str], names: list[str]) -> None:
    assert distinct_names(header) == names


@pytest.mark.parametrize("name", ["*", "^a.*$", ""])
def test_no_name_is_a_pattern(name: str) -> None:
    (own, other) = distinct_names([name, "abc"])
    frame = pl.DataFrame({own: ["1"], other: ["2"]})
    assert frame.select(pl.col(own)).columns == [own]


def test_what_is_beside_the_name_goes() -> None:
    assert bare_name("\ufeffrating:float") == "rating"
    assert bare_name("price (column 4)") == "price"


def test_a_column_without_a_name_is_known() -> None:
    assert all(map(is_unnamed, ["", "column 12", "Unnamed: 0", "column 1'"]))
    assert not any(map(is_unnamed, ["column a", "unnamed", "a"]))


def test_a_sequence_is_what_recbole_says() -> None:
    assert is_sequence("genre:token_seq")
    assert not is_sequence("genre:token")

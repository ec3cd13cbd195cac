"""Numbers with a point, or with a comma where the file has them."""

import polars as pl
import pytest

from engine.data.reading.numbers import to_number


@pytest.mark.parametrize(
    ("text", "with_point", "with_comma"),
    [
        ("1.5", 1.5, 1.5),
        (" 2 ", 2.0, 2.0),
        ("1e3", 1000.0, 1000.0),
        ("1,5", None, 1.5),
        ("-0,25", None, -0.25),
        (",5", None, 0.5),
        ("1.234,5", None, 1234.5),
        ("1.234.567,5", None, 1234567.5),
        ("1,2,3", None, None),
        ("1.5,2", None, None),
        ("much", None, None),
        ("1.234.567", None, 1234567.0),
        ("1.234", 1.234, 1.234),
        ("\u0665", 5.0, 5.0),
        ("\u200e\uff15.5\u00a0", 5.5, 5.5),
        ("", None, None),
        (None, None, None),
    ],
)
def test_a_text_is_a_number(
    text: str | None, with_point: float | None, with_comma: float | None
) -> None:
    cells = pl.Series([text, "7"], dtype=pl.String)
    assert to_number(cells).to_list() == [with_point, 7.0]
    assert to_number(cells, decimal_comma=True).to_list() == [with_comma, 7.0]


def test_a_point_before_thousands() -> None:
    cells = pl.Series(["1.234", "-1.234.567", "1.234,5", "2.5", "1.2345", "7", None])
    found = to_number(cells, decimal_comma=True, grouping_point=True)
    assert found.to_list() == [1234.0, -1234567.0, 1234.5, 2.5, 1.2345, 7.0, None]

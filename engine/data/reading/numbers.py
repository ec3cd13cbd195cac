"""The one rule for numbers: text in, a float out, with a decimal comma where the file has them."""

import polars as pl

_GROUPED = r"^([+-]?\d{1,3}(?:\.\d{3})+)(,\d+)?$"
_COMMA = r"^([+-]?\d*),(\d+(?:[eE][+-]?\d+)?)$"


def to_number(cells: pl.Series, *, decimal_comma: bool = False) -> pl.Series:
    """Return Float64; null where the text is no number.

    Args:
        cells: Text.
        decimal_comma: Whether ``1,5`` is one and a half, and ``1.234,5`` more than a thousand.
    """
    texts = cells.str.strip_chars()
    numbers = texts.cast(pl.Float64, strict=False)
    if not decimal_comma:
        return numbers
    with_comma = texts.str.contains(",", literal=True).fill_null(False)
    if not with_comma.any():
        return numbers
    rows = with_comma.arg_true()
    rest = texts.gather(rows)
    grouped = rest.str.contains(_GROUPED).fill_null(False)
    rest = rest.str.replace_all(".", "", literal=True).zip_with(grouped, rest)
    found = rest.str.replace(_COMMA, "$1.$2").cast(pl.Float64, strict=False)
    return numbers.scatter(rows, found)

"""The one rule for numbers: text in, a float out, with a decimal comma where the file has them."""

import unicodedata

import polars as pl

from engine.data.id_rule import BLANKS

_GROUPED = r"^([+-]?\d{1,3}(?:\.\d{3})+)(,\d+)?$"
_TWICE_GROUPED = r"^[+-]?\d{1,3}(?:\.\d{3}){2,}$"
_COMMA = r"^([+-]?\d*),(\d+(?:[eE][+-]?\d+)?)$"


def ascii_digits(texts: pl.Series) -> pl.Series:
    """Return texts with the digits of every script as 0 to 9."""
    foreign = (texts.str.len_bytes() > texts.str.len_chars()).fill_null(False)
    if not foreign.any():
        return texts
    rows = foreign.arg_true()
    rest = texts.gather(rows)
    digits = {one: str(unicodedata.decimal(one)) for one in set("".join(rest)) if one.isdecimal()}
    return texts.scatter(rows, rest.str.replace_many(digits)) if digits else texts


def to_number(
    cells: pl.Series, *, decimal_comma: bool = False, grouping_point: bool = False
) -> pl.Series:
    """Return Float64; null where the text is no number.

    Args:
        cells: Text.
        decimal_comma: Whether ``1,5`` is one and a half, and ``1.234,5`` more than a thousand.
        grouping_point: Whether ``1.234`` is more than a thousand then.
    """
    texts = ascii_digits(cells.str.strip_chars(BLANKS))
    numbers = texts.cast(pl.Float64, strict=False)
    if not decimal_comma:
        return numbers
    form = _GROUPED if grouping_point else _TWICE_GROUPED
    other = texts.str.contains(",", literal=True) | texts.str.contains(form)
    rows = other.fill_null(False).arg_true()
    if not len(rows):
        return numbers
    rest = texts.gather(rows)
    grouped = rest.str.contains(_GROUPED).fill_null(False)
    rest = rest.str.replace_all(".", "", literal=True).zip_with(grouped, rest)
    found = rest.str.replace(_COMMA, "$1.$2").cast(pl.Float64, strict=False)
    return numbers.scatter(rows, found)

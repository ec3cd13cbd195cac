r"""The one rule for ids: text of at most 256 bytes that names something and can be shown.

An id is kept as it is written: 7, 007 and 7.0 are three ids, and so are two ways to write one
accent. It is no id when, without blanks around it and in any case, it is one of ``NULLS``; blanks
include those that nobody sees (``BLANKS``). Control characters are in no id: they are read by
terminals and logs, not by people.
"""

import re

import polars as pl

MAX_ID_BYTES = 256

NULLS = (
    "", "null", "nil", "none", "nan", "-nan", "na", "n/a", "<na>", "#n/a", "#n/a n/a", "#na", "nat",
    "\\n", "undefined", "(not set)", "(none)", "(null)", "(blank)", "[null]", "<null>", "#null!",
    "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "#value!", "#ref!", "#name?",
)  # fmt: skip
r"""Words for nothing, in lower case: of SQL, pandas, R, Excel, Postgres, MySQL (``\N``) and GA."""

BLANKS = (
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180e"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u200e"
    "\u200f\u2028\u2029\u202f\u205f\u2060\u2061\u2062\u2063\u2064\u2800\u3000\u3164\ufeff\uffa0"
)
"""Characters that show nothing: spaces of every width, non-breaking and zero-width ones."""

CONTROL_CHARACTERS = r"[\x00-\x1f\x7f-\x9f]"
"""C0 codes, delete and C1 codes (Unicode category Cc)."""

_CONTROL = re.compile(CONTROL_CHARACTERS)
_LONGEST_NULL = 64
"""Bytes. A longer cell is tested for blanks alone."""


def id_fault(id_: str | None) -> str | None:
    """Return the code of the rule that an id breaks (see ``rejection.CODES``), or None."""
    if id_ is None or id_.strip(BLANKS).lower() in NULLS:
        return "required-value"
    if len(id_.encode("utf-8", "surrogatepass")) > MAX_ID_BYTES:
        return "too-long"
    return "control-character" if _CONTROL.search(id_) else None


def says_nothing(cell: pl.Expr) -> pl.Expr:
    """Return whether a cell of text is absent, blank, or one of ``NULLS``; never null itself."""
    # Few cells are short enough to be a word for nothing and long ones are seldom blank.
    short = pl.when(cell.str.len_bytes() <= _LONGEST_NULL).then(cell)
    word = short.str.strip_chars(BLANKS).str.to_lowercase().is_in(NULLS)
    long = pl.when(cell.str.len_bytes() > _LONGEST_NULL).then(cell)
    blank = long.str.strip_chars(BLANKS) == ""
    return cell.is_null() | word.fill_null(False) | blank.fill_null(False)


def id_rules(name: str, *, required: bool = True) -> list[tuple[pl.Expr, str]]:
    """Return the rules as (broken, ``code|name``) for a column of text, the first one first.

    Args:
        name: Name of the column.
        required: Whether an absent id breaks a rule.
    """
    cell = pl.col(name)
    rules = [(says_nothing(cell), f"required-value|{name}")] if required else []
    return [
        *rules,
        (cell.str.len_bytes() > MAX_ID_BYTES, f"too-long|{name}"),
        (cell.str.contains(CONTROL_CHARACTERS), f"control-character|{name}"),
    ]

r"""The one rule for ids: text of at most 256 bytes that names something and can be shown.

An id is kept as it is written: 7, 007 and 7.0 are three ids, and so are two ways to write one
accent. It is no id when, without blanks around it and in any case, it is one of ``NULLS`` or of the
form ``NOTHING``; blanks include those that nobody sees (``BLANKS``). A number that was rounded
(``ROUNDED``) stands for many ids, so it is none. Control characters are in no id: they are read by
terminals and logs, not by people.
"""

import re

import polars as pl

MAX_ID_BYTES = 256

NULLS = (
    "", "null", "nil", "none", "nan", "-nan", "na", "n/a", "<na>", "#n/a", "#n/a n/a", "#na", "nat",
    "\\n", "undefined", "(not set)", "(none)", "(null)", "(blank)", "[null]", "<null>", "#null!",
    "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "\\\\n", "n.a.", "#nv", "#n/d", "#yok", "#н/д",
    "#brak", "<nil>", "<none>", "<undefined>", "<empty>", "(empty)", "(not provided)",
    "[object object]", "00000000-0000-0000-0000-000000000000", '""', "''",
)  # fmt: skip
r"""Words for nothing, in lower case: of SQL, pandas, R, Excel, Postgres, MySQL (``\N``), Go,
JavaScript and GA, and the UUID of zeros, which telephones give who must not be tracked."""

SPREADSHEET_ERROR = r"#[^\s!?]{1,12}[!?]"
"""``#VALUE!``, ``#NAME?`` and what they are in other languages (``#WERT!``)."""

NOTHING = rf"^(?:{SPREADSHEET_ERROR}|-{{2,}}|\?+)$"
"""Errors of spreadsheets, lines of dashes under a header, and question marks that stand where a
character set lacked the letters."""

ROUNDED = r"^[+-]?[0-9]+(?:[.,][0-9]+)?[eE]\+[0-9]+$|^[+-]?[0-9]+[.,][0-9]+[eE][0-9]+$"
"""How Excel shows a number of more than eleven digits, and pandas one that became a float."""

BLANKS = (
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180e"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u200e"
    "\u200f\u2028\u2029\u202f\u205f\u2060\u2061\u2062\u2063\u2064\u2800\u3000\u3164\ufeff\uffa0"
)
"""Characters that show nothing: spaces of every width, non-breaking and zero-width ones."""

CONTROL_CHARACTERS = r"[\x00-\x1f\x7f-\x9f]"
"""C0 codes, delete and C1 codes (Unicode category Cc)."""

_CONTROL = re.compile(CONTROL_CHARACTERS)
_NOTHING, _ROUNDED = re.compile(NOTHING), re.compile(ROUNDED)
_LONGEST_NULL = 64
"""Bytes. A longer cell is tested for blanks alone."""


def id_fault(id_: str | None) -> str | None:
    """Return the code of the rule that an id breaks (see ``rejection.CODES``), or None."""
    if id_ is None or is_word_for_nothing(id_):
        return "required-value"
    if fault := stored_id_fault(id_):
        return fault
    return "rounded" if _ROUNDED.match(id_) else None


def is_word_for_nothing(text: str) -> bool:
    """Return whether a text is blank, one of ``NULLS`` or of the form ``NOTHING``."""
    word = text.strip(BLANKS).lower()
    return word in NULLS or (len(word) <= _LONGEST_NULL and _NOTHING.match(word) is not None)


def stored_id_fault(id_: str) -> str | None:
    """Return the code of the rule that the id breaks of something in a graph, or None.

    What is a word for nothing now may have been loaded as an id before.
    """
    if not id_.strip(BLANKS):
        return "required-value"
    if len(id_.encode("utf-8", "surrogatepass")) > MAX_ID_BYTES:
        return "too-long"
    return "control-character" if _CONTROL.search(id_) else None


def says_nothing(cell: pl.Expr) -> pl.Expr:
    """Return whether a cell of text is absent, blank, or a word for nothing; never null itself."""
    # Few cells are short enough to be a word for nothing and long ones are seldom blank.
    short = pl.when(cell.str.len_bytes() <= _LONGEST_NULL).then(cell)
    bare = short.str.strip_chars(BLANKS).str.to_lowercase()
    word = bare.is_in(NULLS) | bare.str.contains(NOTHING)
    long = pl.when(cell.str.len_bytes() > _LONGEST_NULL).then(cell)
    blank = long.str.strip_chars(BLANKS) == ""
    return cell.is_null() | word.fill_null(False) | blank.fill_null(False)


def id_rules(
    name: str, *, required: bool = True, stored: bool = False
) -> list[tuple[pl.Expr, str]]:
    """Return the rules as (broken, ``code|name``) for a column of text, the first one first.

    Args:
        name: Name of the column.
        required: Whether an absent id breaks a rule.
        stored: Whether they were in a graph (``stored_id_fault``).
    """
    cell = pl.col(name)
    absent = cell.is_null() | (cell.str.strip_chars(BLANKS) == "") if stored else says_nothing(cell)
    return [
        *([(absent, f"required-value|{name}")] if required else []),
        (cell.str.len_bytes() > MAX_ID_BYTES, f"too-long|{name}"),
        (cell.str.contains(CONTROL_CHARACTERS), f"control-character|{name}"),
        *([] if stored else [(cell.str.contains(ROUNDED), f"rounded|{name}")]),
    ]

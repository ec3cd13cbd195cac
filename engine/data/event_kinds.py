"""Kinds of event: which names they may have, and how what a file writes becomes one.

A kind is 1 to 63 lower case letters, digits, ``_`` and ``-``, and begins with a letter or a digit.
Other spellings are folded (``names.snake_case``): ``Product Viewed`` is ``product_viewed``,
``AddToCart`` is ``add_to_cart``, ``PURCHASE`` is ``purchase``. ``--kind TEXT=KIND`` maps a text, as
it is written or as it is folded. A text that would lose letters (``購入 1``) is no kind: two of
them would become one.
"""

import re
from collections.abc import Mapping

import polars as pl

from engine.data.snake_case import LONGEST, loses_letters, snake_case
from engine.errors import UsageError

EVENT_KIND = rf"^[a-z0-9][a-z0-9_-]{{0,{LONGEST - 1}}}$"

_FORM = re.compile(EVENT_KIND)
_WHOLE = re.compile(r"^(\d+)\.0+$")


def event_kind(text: str, mapping: Mapping[str, str]) -> str | None:
    """Return the kind that a text stands for, or None where none can be made of it."""
    text = text.strip()
    if text in mapping:
        return mapping[text]
    # pandas writes a column of whole numbers with a gap as 1.0.
    folded = snake_case(_WHOLE.sub(r"\1", text), kept="-")
    if folded in mapping:
        return mapping[folded]
    return folded if _FORM.match(folded) and not loses_letters(text) else None


def check_kinds(names: Mapping[str, str]) -> None:
    """Refuse a kind that cannot be one.

    Args:
        names: Flag as it was written -> kind.

    Raises:
        UsageError: A name is not well formed.
    """
    for flag, name in names.items():
        if not _FORM.match(name):
            raise UsageError(
                f"{flag}: {name!r} is not a kind of event",
                hint=f"a kind is lower case letters, digits, _ and -, at most {LONGEST} of them: "
                f"write {snake_case(name, kept='-') or 'view'}",
            )


def fold_kinds(texts: pl.Series, mapping: Mapping[str, str]) -> dict[str, str | None]:
    """Return text -> kind for the different texts of a column that are not that kind already."""
    # Most columns hold well-formed names alone, and that is quick to see.
    odd = texts.drop_nulls().unique()
    odd = odd.filter(~odd.str.contains(EVENT_KIND) | odd.is_in(list(mapping)))
    return {text: event_kind(text, mapping) for text in odd.sort()}

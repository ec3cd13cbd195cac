"""Why a row is quarantined: one stable code per fault, and the seal of a row to be mended."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.data.hashing import hash64

CODES = {
    "missing-cell": "the row has fewer cells than the header",
    "extra-cell": "the row has more cells than the header",
    "encoding": "a cell is not UTF-8",
    "unclosed-quote": "a quote is never closed, or closes in the middle of a cell",
    "blank-row": "every cell is empty",
    "required-value": "a required cell is empty or says null",
    "too-long": "an id is longer than 256 bytes, or a record than 16 MiB",
    "type-error": "a cell is not of its field's type",
    "out-of-range": "a value lies outside what can be true",
    "enum": "the kind of event is not an allowed name",
    "conflict": "the same id stands for something else",
    "bad-json": "the line is not a JSON object",
    "reserved": "a type or relation is reserved or malformed",
}
# What cannot be found again in the cells alone: such a row is sealed, so that it does not slip in
# on replay before somebody mended it.
SEALED = frozenset({"missing-cell", "extra-cell", "unclosed-quote", "bad-json", "conflict"})


@dataclass(frozen=True, slots=True)
class Rejection:
    """One quarantined row.

    Attributes:
        row: Number of the record in the file, which tells records of one line apart.
        code: A key of ``CODES``.
        detail: The field, or what is wrong.
        raw: The text of a row that could not be taken apart, at most ``RAW_CHARACTERS`` of it.
        line: Line of the file where the record begins; the first line is 1.
        cells: Column -> cell, as they stood.
        extra: Cells beyond the header.
    """

    row: int
    code: str
    detail: str
    raw: str = ""
    line: int | None = None
    cells: Mapping[str, Any] | None = None
    extra: tuple[str, ...] = ()


RAW_CHARACTERS = 4096


def content_seal(cells: Mapping[str, Any], extra: Any = ()) -> str:
    """Return what changes when anybody changes a cell."""
    text = json.dumps([dict(cells), list(extra)], sort_keys=True, default=str)
    return f"{hash64(text) & 0xFFFF_FFFF_FFFF_FFFF:016x}"

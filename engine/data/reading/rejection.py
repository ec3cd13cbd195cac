"""Why a row is quarantined: one stable code per fault, and the seal of a row to be mended."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.data.hashing import hash64
from engine.data.reading.packed_vectors import shown, unpack

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
    "control-character": "an id holds a control character",
    "rounded": "the id is a number that was rounded, which can stand for many ids",
    "column-names": "the cells are the names of the columns, no values",
    "enum": "the kind of event is not an allowed name",
    "conflict": "the same id stands for something else",
    "bad-json": "the line is not a JSON object",
    "reserved": "a type or relation is reserved or malformed",
    "attribute-name": "the name is not that of an attribute",
    "vector-length": "a vector has another length than most of its column",
    "vector-number": "a number of a vector is missing, infinite or none",
    "vector-type": "a column of vectors holds something else",
}
_REMEDIES = {
    "missing-cell": "add the cells, or mend the line end or quote that parted the row",
    "extra-cell": "remove the cells, or quote the one that holds the delimiter",
    "encoding": "write the cell in UTF-8, or leave the column out: --skip COLUMN",
    "unclosed-quote": "double the quotes inside of the cell and close it at its end",
    "blank-row": "remove the row",
    "required-value list_id": "name the list that the position is in, or leave the position empty",
    "required-value": "give an id; words for nothing, such as NULL, NaN or \\N, are none",
    "too-long": "shorten it",
    "type-error": "write one text, no list and no object",
    "type-error timestamp": "write ISO 8601 (2024-05-01T10:00:00Z) or an epoch in s, ms, µs or ns",
    "type-error weight": "write a number such as 1.5, or leave the cell empty",
    "type-error list_id": "write the list_id of the answer as it was, or leave the cell empty",
    "type-error list_position": "write a whole number, 1 for the best, or leave the cell empty",
    "type-error rank": "write a whole number, 1 for the best",
    "type-error score": "write a finite number, the largest for the best",
    "type-error hidden": "write true or false",
    "type-error expires_at": "write a time: ISO 8601, or an epoch in s, ms, µs or ns",
    "out-of-range": "correct the value",
    "out-of-range timestamp": "write a time from 1980 to now; days as 2024-05-01",
    "out-of-range list_position": "write the position of the answer, from 1 to 2000",
    "out-of-range weight": "write a number from -1e12 to 1e12",
    "control-character": "remove the character",
    "rounded": "export the column as text, with all digits",
    "column-names": "remove the row: files that were joined have one header",
    "enum": "a kind is 1 to 63 letters, digits, _ and -: give one with --kind 'TEXT=KIND', and "
    "allow it if --only-event is given",
    "conflict": "keep the row that is right, or give the other one an id of its own",
    "bad-json": "write one JSON object in one line",
    "reserved": "rename it: letters, digits and _, the first one a letter, and no name of the "
    "engine's own",
    "attribute-name": "rename it: lower case letters, digits and _, the first one a letter, each "
    "name once; id, key, batch and embedding_* are the engine's own",
    "vector-length": "give as many numbers in every row, or leave the cell empty",
    "vector-number": "write finite numbers that four bytes hold, or leave the cell empty",
    "vector-type": "write a list of numbers, or leave the cell empty",
}
_SHOWN_CHARACTERS = 80
# What cannot be found again in the cells alone: such a row is sealed, so that it does not slip in
# on replay before somebody mended it.
SEALED = frozenset({"missing-cell", "extra-cell", "unclosed-quote", "bad-json", "conflict"})


@dataclass(frozen=True, slots=True)
class Rejection:
    """One quarantined row.

    Attributes:
        row: Number of the record in the file, which distinguishes records of one line.
        code: A key of ``CODES``.
        detail: The field, or what is wrong.
        raw: The text of a row that could not be taken apart, at most ``RAW_CHARACTERS`` of it.
        line: Line of the file where the record begins; the first line is 1.
        cells: Column -> cell, as they stood.
        extra: Cells beyond the header.
        value: The cell that breaks the rule, where it is one.
    """

    row: int
    code: str
    detail: str
    raw: str = ""
    line: int | None = None
    cells: Mapping[str, Any] | None = None
    extra: tuple[str, ...] = ()
    value: str | None = None

    @property
    def reason(self) -> str:
        """What is wrong, for people: the field and its value, the rule, the remedy."""
        # A cell with a list or an object begins with the mark ``block.NESTED``.
        field, value = self.detail, self.value and self.value.removeprefix("\x1d")
        if value and (numbers := unpack(value)) is not None:
            value = shown(numbers)
        if value is None:
            subject = f"{field}: " if field else ""
        else:
            more = "…" if len(value) > _SHOWN_CHARACTERS else ""
            subject = f"{field} {value[:_SHOWN_CHARACTERS]!r}{more}: "
        remedy = _REMEDIES.get(f"{self.code} {field}", _REMEDIES[self.code])
        return f"{subject}{CODES[self.code]}; {remedy}"


RAW_CHARACTERS = 4096


def content_seal(cells: Mapping[str, Any], extra: Any = ()) -> str:
    """Return what changes when anybody changes a cell."""
    text = json.dumps([dict(cells), list(extra)], sort_keys=True, default=str)
    return f"{hash64(text) & 0xFFFF_FFFF_FFFF_FFFF:016x}"

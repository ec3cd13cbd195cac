"""Why a row is quarantined: one stable code per fault."""

from dataclasses import dataclass

CODES = {
    "missing-cell": "the row has fewer cells than the header",
    "extra-cell": "the row has more cells than the header",
    "encoding": "a cell is not UTF-8",
    "unclosed-quote": "a quote is opened and never closed",
    "blank-row": "every cell is empty",
    "required-value": "a required cell is empty or says null",
    "too-long": "an id is longer than 256 bytes",
    "type-error": "a cell is not of its field's type",
    "out-of-range": "a value lies outside what can be true",
    "enum": "the kind of event is not an allowed name",
    "conflict": "the same id stands for something else",
    "bad-json": "the line is not a JSON object",
    "reserved": "a type or relation is reserved or malformed",
}


@dataclass(frozen=True)
class Rejection:
    """One quarantined row.

    Attributes:
        row: Number of the record in the file, the header not counted; the first is 1.
        code: A key of ``CODES``.
        detail: The field, or what is wrong.
        raw: The row as it stood.
    """

    row: int
    code: str
    detail: str
    raw: str

"""The dialect of a delimited text: what stands between two cells, judged by its first records.

Excel, R and databases write ``;``, ``|`` or tabs under any suffix; Excel may begin a file with a
line ``sep=;``, and people put a blank after each comma.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from engine.data.reading.header import distinct_names

DELIMITERS = ",;\t|"
_SEP_LINE = re.compile(r'^"?sep=(.)"?[ \t]*(\r\n|\n|\r)', re.I)
_COMMA = re.compile(r"^[+-]?\d+,(\d{1,2}|\d{4,})$")
_POINT = re.compile(r"^[+-]?(?!\d{1,3}(?:\.\d{3})+$)\d+\.\d+$|^[+-]?0\.\d+$")
_SAMPLE_RECORDS = 100
_AGREEMENT = 0.9
_UNSURE_WIDTH = 2
_PADDED = ",;|"
_SHOWN = {"\t": "tab", " ": "blank"}


@dataclass(frozen=True)
class Dialect:
    """How the records of a text are taken apart.

    Attributes:
        delimiter: What stands between two cells.
        expected: What the suffix, or a flag, lets expect there.
        padded: Whether blanks around cells are no part of them.
        unnamed: Where rows have a cell that the header has none for: ``first`` (R's row names),
            ``last`` (a delimiter at the end), or nowhere.
        decimal_comma: Whether 1,5 is a number.
        grouping_point: Whether 1.234 is more than a thousand.
        lines_before: Lines before the header that begin with ``#``, and blank ones among them.
    """

    delimiter: str
    expected: str
    padded: bool = False
    unnamed: str = ""
    decimal_comma: bool = False
    grouping_point: bool = False
    lines_before: int = 0

    def names(self, header: Sequence[str]) -> list[str]:
        """Return a name for every cell of a row."""
        first, last = self.unnamed == "first", self.unnamed == "last"
        return distinct_names([*[""] * first, *header, *[""] * last])

    def remarks(self) -> list[str]:
        """Return what was found and could not be expected, in words."""
        found = []
        if self.lines_before:
            found.append(
                f"{self.lines_before} lines before the header, of remarks, are passed over"
            )
        if self.delimiter != self.expected:
            found.append(f"cells are separated by {shown(self.delimiter)}")
        if self.padded:
            found.append("blanks around cells are left out")
        if self.decimal_comma:
            more = ", a point stands before thousands" if self.grouping_point else ""
            found.append(f"a comma is a decimal mark{more}")
        if self.unnamed:
            found.append(f"the {self.unnamed} cell of the rows has no column in the header")
        return found


def shown(delimiter: str) -> str:
    """Return a delimiter as a message names it."""
    return _SHOWN.get(delimiter, repr(delimiter))


def sep_line(text: str) -> tuple[str | None, int]:
    """Return the delimiter that a first line ``sep=;`` names, and the length of that line."""
    found = _SEP_LINE.match(text)
    return (found.group(1), found.end()) if found else (None, 0)


def find_dialect(text: str, expected: str, columns: Sequence[str], given: str | None) -> Dialect:
    """Return the dialect of a text.

    Args:
        text: Its beginning, from the header on; the last record may be cut off.
        expected: The delimiter by the suffix.
        columns: Names of the columns where the text has no header.
        given: The delimiter where a flag or the file says it.
    """
    delimiter = given
    if delimiter is None:
        widths = {one: _width(_records(text, one), columns) for one in (expected, *DELIMITERS)}
        delimiter = max(widths, key=lambda one: (widths[one], one == expected))
    records = _records(text, delimiter)
    header = list(columns) or (records[0] if records else [])
    rows = records if columns else records[1:]
    raw = _records(text, delimiter, blanks=True)[-len(rows) :]
    padded = delimiter in _PADDED and _is_padded(raw)
    cells = [cell.strip() for row in rows for cell in row] if delimiter != "," else []
    # 1,234 and 1.234 may be more than a thousand, and show nothing.
    commas, points = any(map(_COMMA.match, cells)), any(map(_POINT.match, cells))
    grouping = commas and not points
    # Where a semicolon parts cells the comma is the decimal mark; elsewhere the cells show it.
    comma = delimiter == ";" or grouping
    return Dialect(delimiter, expected, padded, _unnamed(header, rows), comma, grouping)


def _records(text: str, delimiter: str, *, blanks: bool = False) -> list[list[str]]:
    """Return the first records that are no blank lines; ``blanks``: with those before cells."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=not blanks)
    records: list[list[str]] = []
    try:
        for record in islice(reader, _SAMPLE_RECORDS):
            if any(cell.strip() for cell in record):
                records.append(record)
    except csv.Error:
        pass  # a cell longer than the reader takes: what came before it is judged
    return records


def _width(records: list[list[str]], columns: Sequence[str]) -> int:
    """Return how many columns a delimiter makes; few where the rows do not agree on them."""
    if not records:
        return 1
    width = len(columns) or len(records[0])
    rows = records if columns else records[1:]
    # Rows may have a cell more than the header: see _unnamed.
    agreeing = sum(len(row) in (width, width + 1) for row in rows)
    if columns and not agreeing:
        return 1
    is_clear = agreeing >= _AGREEMENT * len(rows) and not any('"' in one for one in records[0])
    return width if is_clear else min(width, _UNSURE_WIDTH)


def _is_padded(rows: list[list[str]]) -> bool:
    """Return whether every cell but the first of its row begins with a blank, or is empty."""
    cells = [cell for row in rows for cell in row[1:] if cell]
    return bool(cells) and all(cell[0] == " " for cell in cells)


def _unnamed(header: Sequence[str], rows: list[list[str]]) -> str:
    """Return where every row has a cell more than the header: ``first``, ``last`` or nowhere."""
    if not rows or any(len(row) != len(header) + 1 for row in rows):
        return ""
    if not any(row[-1].strip() for row in rows):
        return "last"
    numbers = [row[0].strip() for row in rows]
    counted = (list(map(str, range(start, start + len(rows)))) for start in (0, 1))
    return "first" if numbers in counted else ""

"""The header line of a delimited text, and what stands before it."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.data.reading.dialect import Dialect, find_dialect, sep_line
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.text_stream import conversion
from engine.errors import FileRefused

_REMARKS = re.compile(r"(?:#[^\n]*\n(?:[ \r]*\n)*)+")


@dataclass(frozen=True)
class Header:
    """The columns of a text and where its rows begin.

    Attributes:
        names: One for every cell of a row, all different.
        dialect: How rows are taken apart.
        blank_lines: Blank lines before the header.
        lines: Lines before the first row.
        size: Bytes before the first row.
    """

    names: list[str]
    dialect: Dialect
    blank_lines: int
    lines: int
    size: int


def read_header(path: Path, start: bytes, expected: str, options: ReadOptions) -> Header:
    """Find the dialect and the columns of a text.

    Args:
        path: The file, for messages.
        start: Its first bytes.
        expected: The delimiter by the suffix.
        options: The delimiter, and the columns where the file has no header.

    Raises:
        FileRefused: The header cannot be read, or is not UTF-8.
    """
    text = start.decode("utf-8", "surrogateescape")
    separator, at = sep_line(text)
    if separator in ('"', "\r", "\n"):
        separator, at = None, 0
    blank_lines, at = _blank_lines(text, at)
    given = options.delimiter or separator
    remarks = _remarks(text[at:], expected, options.columns, given)
    at += len(remarks)
    dialect = find_dialect(text[at:], expected, options.columns, given)
    dialect = replace(dialect, lines_before=remarks.count("\n"))
    header, rest, lines = list(options.columns), "", 0
    if not options.columns:
        reader = csv.reader(
            io.StringIO(text[at:], newline=""), delimiter=dialect.delimiter, skipinitialspace=True
        )
        try:
            header = next(reader)
        except csv.Error as error:
            raise FileRefused(
                f"{path.name}: the header cannot be read: {error}",
                code="header",
                hint="correct the first line",
            ) from error
        lines = reader.line_num
        rest = "".join(list(io.StringIO(text[at:], newline=""))[:lines])
    try:
        rest.encode()
    except UnicodeEncodeError as error:
        offset = len(text[: at + error.start].encode("utf-8", "surrogateescape"))
        raise FileRefused(
            f"{path.name}: the header is not UTF-8 (byte offset {offset})",
            code="encoding-error",
            hint=conversion(path, "WINDOWS-1252"),
        ) from error
    before = text[: at + len(rest)]
    return Header(
        dialect.names(header),
        dialect,
        blank_lines,
        blank_lines + dialect.lines_before + lines + bool(separator),
        len(before.encode("utf-8", "surrogateescape")),
    )


def _blank_lines(text: str, at: int) -> tuple[int, int]:
    """Return how many blank lines stand at a place, and where the next line begins."""
    count = 0
    while at < len(text):
        line = text[at : text.find("\n", at) + 1 or len(text)]
        if line.strip("\r\n "):
            break
        count += 1
        at += len(line)
    return count, at


def _remarks(text: str, expected: str, columns: Sequence[str], given: str | None) -> str:
    """Return the lines before the header that begin with ``#``, and blank ones among them.

    One that has as many cells as the first other line is the header, or a row.
    """
    lines = _REMARKS.match(text)
    if lines is None or lines.end() == len(text):
        return ""
    rest = text[lines.end() :]
    mark = find_dialect(rest, expected, columns, given).delimiter
    cells = rest.partition("\n")[0].count(mark)
    remarks = ""
    for line in lines.group().splitlines(keepends=True):
        if line.startswith("#") and line.count(mark) == cells:
            break
        remarks += line
    return remarks

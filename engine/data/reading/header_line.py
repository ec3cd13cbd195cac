"""The header line of a delimited text, and what stands before it."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from engine.data.reading.dialect import Dialect, find_dialect, sep_line
from engine.data.reading.read_options import ReadOptions
from engine.errors import FileRefused


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
    blank_lines = 0
    while at < len(text):
        line = text[at : text.find("\n", at) + 1 or len(text)]
        if line.strip("\r\n "):
            break
        blank_lines += 1
        at += len(line)
    given = options.delimiter or separator
    dialect = find_dialect(text[at:], expected, options.columns, given)
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
            hint="convert it: iconv -f LATIN1 -t UTF-8",
        ) from error
    before = text[: at + len(rest)]
    names = dialect.names(header)
    return Header(
        names,
        dialect,
        blank_lines,
        blank_lines + lines + bool(separator),
        len(before.encode("utf-8", "surrogateescape")),
    )

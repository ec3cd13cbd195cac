"""Stream CSV and TSV: header, quotes, line numbers, rows that cannot be taken apart.

RFC 4180 with any line end.
"""

import csv
import io
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv

from engine.data.reading.block import Block, without_blank_rows
from engine.data.reading.dialect import Dialect
from engine.data.reading.header_line import Header, read_header
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.rejection import RAW_CHARACTERS, Rejection
from engine.data.reading.text_stream import (
    MOVED,
    Piece,
    as_it_stood,
    first_bytes,
    open_bytes,
    pieces,
    readable,
)
from engine.errors import FileRefused

_ENOUGH_FAULTS = 10_000
_LINE_END = r"\r\n|\n|\r"
ColumnSelector = Callable[[list[str]], Collection[str]]
"""Given the columns of a file, returns those that are used."""


def read_delimited(
    path: Path, expected: str, options: ReadOptions, choose: ColumnSelector | None = None
) -> Iterator[Block]:
    """Yield a delimited file block by block.

    Args:
        path: The file.
        expected: The delimiter by the suffix.
        options: The delimiter, and the columns where the file has no header.
        choose: Which columns matter; what is wrong with the bytes of the others does not.

    Raises:
        FileRefused: The file is empty, in another encoding, or its header is no header.
    """
    with open_bytes(path) as stream:
        start = first_bytes(path, stream)
        mac = b"\n" not in start and b"\r" in start
        if mac:
            start = start.replace(b"\r", b"\n")
        head = read_header(path, start, expected, options)
        table = _Table(path, head, choose)
        if head.blank_lines:
            yield replace(table.nothing, blank_lines=head.blank_lines)
        faults: list[Rejection] = []
        clean = _cleaner(head.dialect, mac=mac)
        for piece in pieces(stream, start[head.size :], head.dialect.delimiter, clean):
            if piece.fault:
                faults.append(table.fault(piece))
            if not piece.fault or len(faults) == _ENOUGH_FAULTS:
                block = table.nothing if piece.fault else table.block(piece)
                yield replace(block, broken=block.broken + faults)
                faults = []
        yield replace(table.nothing, broken=faults)


def _cleaner(dialect: Dialect, *, mac: bool) -> Callable[[bytes], bytes] | None:
    """Return what puts the bytes in order before they are parted, or None."""
    if mac:
        return lambda data: data.replace(b"\r", b"\n")
    if not dialect.padded:
        return None
    # A quote opens a cell at its very beginning only; one that is doubled stands inside of a cell.
    mark = re.escape(dialect.delimiter).encode()
    blank = re.compile(rb"(?<=%b) +(?=\"(?:[^\"]|\"[%b\r\n]))" % (mark, mark))
    return lambda data: blank.sub(b"", data)


class _Table:
    """Counts records and lines while a file goes by."""

    def __init__(self, path: Path, head: Header, choose: ColumnSelector | None) -> None:
        self._header = head.names
        self._names = [name for name in head.names if not name.startswith("_")]
        self._dialect = head.dialect
        self._delimiter = head.dialect.delimiter
        self._line = head.lines + 1
        self._rows = 0
        if not self._names:
            raise FileRefused(
                f"{path.name} has no column",
                code="header",
                hint="columns whose names begin with _ are not read: rename them",
            )
        wanted = set(choose(self._names)) if choose else set(self._names)
        self._wanted = [name for name in self._names if name in wanted]

    @property
    def nothing(self) -> Block:
        """A block of no rows."""
        schema = {**dict.fromkeys(self._names, pl.String), "_row": pl.Int64}
        return Block(
            pl.DataFrame(schema=schema),
            decimal_comma=self._dialect.decimal_comma,
            grouping_point=self._dialect.grouping_point,
            remarks=tuple(self._dialect.remarks()),
        )

    def block(self, piece: Piece) -> Block:
        """Take a piece apart."""
        data, moved = readable(piece.data)
        invalid: list[Any] = []

        def keep(row: Any) -> str:
            invalid.append(row)
            return "skip"

        parsed = pyarrow.csv.read_csv(
            pa.BufferReader(data),
            read_options=pyarrow.csv.ReadOptions(
                use_threads=False, block_size=len(data) + 1, column_names=self._header
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=self._delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=keep,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(self._names, pa.string()),
                include_columns=self._names,
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
        frame = pl.DataFrame(pl.from_arrow(parsed))
        if self._dialect.padded:
            frame = frame.with_columns(pl.col(pl.String).str.strip_chars(" "))
        return self._placed(frame, invalid, piece, data, moved)

    def _placed(
        self, frame: pl.DataFrame, invalid: list[Any], piece: Piece, data: bytes, moved: bool
    ) -> Block:
        """Number the rows, find their lines, and judge what is broken or blank."""
        total = len(frame) + len(invalid)
        first = self._line
        taken = np.array([row.number - 1 for row in invalid], dtype=np.int64)
        is_row = np.ones(total, dtype=bool)
        is_row[taken] = False
        spans = np.ones(total, dtype=np.int64)
        line_ends = data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")
        if line_ends > total - piece.cut:
            spans[is_row] += _line_ends_within(frame)
            spans[taken] += np.fromiter(
                (_breaks(row.text) for row in invalid), np.int64, len(taken)
            )
        lines = self._line + np.cumsum(spans) - spans
        numbers = self._rows + 1 + np.arange(total)
        self._line += int(spans.sum())
        self._rows += total
        broken, blank = [], 0
        for position, row in zip(taken.tolist(), invalid, strict=True):
            if row.text.strip():
                broken.append(
                    self._torn(row, int(numbers[position]), int(lines[position]), piece.cut)
                )
            else:
                blank += 1
        frame = frame.with_columns(_row=pl.Series(numbers[is_row], dtype=pl.Int64))
        located = frame.with_columns(_line=pl.Series(lines[is_row], dtype=pl.Int64))
        if moved:
            located = self._take_foreign(located, broken)
            # What is left of them stands in columns that nobody uses.
            located = located.with_columns(pl.col(pl.String).str.replace_all(MOVED, "\ufffd"))
        located, nothing = self._take_blank(located, broken, first, data)
        return replace(
            self.nothing,
            frame=located.drop("_line"),
            broken=broken,
            lines=located["_line"],
            blank_lines=blank + nothing,
        )

    def _torn(self, row: Any, number: int, line: int, cut: bool) -> Rejection:
        """Return a row with too few or too many cells."""
        parts = next(csv.reader(io.StringIO(row.text, newline=""), delimiter=self._delimiter), [])
        parts = [as_it_stood(part) for part in parts]
        cells = {
            name: part
            for name, part in zip(self._header, parts, strict=False)
            if not name.startswith("_")
        }
        more = row.actual_columns > row.expected_columns
        detail = f"{row.actual_columns} cells, the header has {row.expected_columns}"
        if cut and not more:
            detail += "; or the file was cut off"
        return Rejection(
            number,
            "extra-cell" if more else "missing-cell",
            detail,
            as_it_stood(row.text)[:RAW_CHARACTERS],
            line,
            cells,
            tuple(parts[len(self._header) :]),
        )

    def _take_foreign(self, frame: pl.DataFrame, broken: list[Rejection]) -> pl.DataFrame:
        """Take out rows with bytes that are no UTF-8."""
        if not self._wanted:
            return frame
        bad = pl.any_horizontal(pl.col(name).str.contains(MOVED) for name in self._wanted)
        for row in frame.filter(bad).iter_rows(named=True):
            cells = {name: as_it_stood(row[name]) for name in self._names}
            where = ", ".join(name for name in self._wanted if cells[name] != row[name])
            broken.append(Rejection(row["_row"], "encoding", where, "", row["_line"], cells))
        return frame.filter(~bad)

    def _take_blank(
        self, frame: pl.DataFrame, broken: list[Rejection], first: int, data: bytes
    ) -> tuple[pl.DataFrame, int]:
        """Take out rows of nothing: a blank line is no row, a line of delimiters is a bad one."""
        kept, blank = without_blank_rows(frame, self._names)
        if not blank:
            return kept, 0
        texts = re.split(_LINE_END.encode(), data)
        nothing = 0
        for row, line in frame[blank].select("_row", "_line").iter_rows():
            if texts[line - first].strip():
                cells = dict.fromkeys(self._names, "")
                broken.append(Rejection(row, "blank-row", "", "", line, cells))
            else:
                nothing += 1
        return kept, nothing

    def fault(self, piece: Piece) -> Rejection:
        """Return a line whose quotes cannot be matched, or that is too long."""
        self._rows += 1
        self._line += 1
        # A character has four bytes at most.
        text = readable(piece.data[: 4 * RAW_CHARACTERS])[0].decode()
        raw = as_it_stood(text.rstrip("\r\n"))[:RAW_CHARACTERS]
        return Rejection(self._rows, piece.fault or "", "", raw, self._line - 1, {})


def _line_ends_within(frame: pl.DataFrame) -> Any:
    """Return how many line ends each row holds in its cells."""
    names = [name for name in frame.columns if name != "_row"]
    return (
        frame.select(pl.sum_horizontal(pl.col(name).str.count_matches(_LINE_END) for name in names))
        .to_series()
        .to_numpy()
    )


def _breaks(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")

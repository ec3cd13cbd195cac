"""Stream a table of any size: CSV, TSV, JSON lines, Parquet, adjacency lists; gzip and zstd.

Every column leaves as text, so that one rule decides what a cell means whatever the file. Memory
holds one block. May import: ``rejection``, ``errors``, pyarrow, polars.
"""

import io
import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from engine.data.rejection import Rejection
from engine.errors import FileRefused

FORMATS = ("auto", "csv", "tsv", "jsonl", "parquet", "adjacency")
_BLOCK_BYTES = 4 << 20
_LINES = 20_000
_COMPRESSED = {".gz": "gzip", ".zst": "zstd"}
_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".inter": "tsv",
    ".kg": "tsv",
    ".item": "tsv",
    ".user": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}


@dataclass(frozen=True)
class Block:
    """Some rows of a file.

    Attributes:
        frame: Text columns under the file's own names; ``_row`` is the number of the record.
        broken: Rows that could not be taken apart.
        read: How many records this block stands for.
    """

    frame: pl.DataFrame
    broken: list[Rejection] = field(default_factory=list)

    @property
    def read(self) -> int:
        """Number of records in the block, broken ones included."""
        return len(self.frame) + len(self.broken)


def detect_format(path: Path) -> str:
    """Return the format that the file's suffix names, compression aside.

    Raises:
        FileRefused: The suffix says nothing.
    """
    suffixes = [suffix for suffix in path.suffixes if suffix not in _COMPRESSED]
    if suffixes and suffixes[-1].lower() in _SUFFIXES:
        return _SUFFIXES[suffixes[-1].lower()]
    raise FileRefused(
        f"{path.name}: the suffix does not tell the format",
        code="format",
        hint=f"use --format with one of {', '.join(FORMATS[1:])}",
    )


def read_blocks(path: Path, format: str = "auto") -> Iterator[Block]:
    """Yield the file block by block.

    Raises:
        FileRefused: The file is missing, empty, or not what its name says.
    """
    if not path.is_file():
        raise FileRefused(f"{path}: no such file", code="missing-file", hint="check the path")
    if path.stat().st_size == 0:
        raise FileRefused(
            f"{path.name} is empty", code="empty-file", hint="check the export that wrote it"
        )
    kind = detect_format(path) if format == "auto" else format
    if kind == "parquet":
        yield from _parquet(path)
    elif kind == "jsonl":
        yield from _json_lines(path)
    elif kind == "adjacency":
        yield from _adjacency(path)
    else:
        yield from _delimited(path, "\t" if kind == "tsv" else ",")


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    compression = _COMPRESSED.get(path.suffix)
    try:
        with pa.input_stream(str(path), compression=compression) as stream:
            yield stream
    except (pa.ArrowInvalid, OSError) as error:
        raise FileRefused(
            f"{path.name} cannot be read: {str(error).partition(chr(10))[0]}",
            code="unreadable",
            hint="check that the file is whole and is what its suffix says",
        ) from error


def _delimited(path: Path, delimiter: str) -> Iterator[Block]:
    with _open(path) as peek:
        start = peek.read(1 << 16)
    if not start:
        raise FileRefused(f"{path.name} is empty", code="empty-file", hint="check the export")
    header = _header(path, start, delimiter)
    broken: list[Rejection] = []

    def on_invalid(row: Any) -> str:
        # Numbers count the header as row 1.
        number = (row.number or 2) - 1
        code = "extra-cell" if row.actual_columns > row.expected_columns else "missing-cell"
        detail = f"{row.actual_columns} cells, the header has {row.expected_columns}"
        broken.append(Rejection(number, code, detail, row.text))
        return "skip"

    with _open(path) as stream:
        reader = pyarrow.csv.open_csv(
            stream,
            read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                ignore_empty_lines=True,
                invalid_row_handler=on_invalid,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={name: pa.binary() for name in header}, strings_can_be_null=False
            ),
        )
        rows = 0
        while (batch := _next_batch(reader, broken, rows)) is not None:
            bad, broken[:] = list(broken), []
            numbers = _numbers(rows, len(batch), {one.row for one in bad})
            rows += len(batch) + len(bad)
            yield _text_block(batch, numbers, bad)
        if broken:
            yield Block(pl.DataFrame({"_row": []}), list(broken))


def _next_batch(reader: Any, broken: list[Rejection], rows: int) -> pl.DataFrame | None:
    try:
        return pl.DataFrame(pl.from_arrow(reader.read_next_batch()))
    except StopIteration:
        return None
    except pa.ArrowInvalid as error:
        # A record that does not end within two blocks: memory stays flat and the rest is one fault.
        broken.append(Rejection(rows + 1, "unclosed-quote", str(error).splitlines()[0][:200], ""))
        return None


def _numbers(before: int, count: int, taken: set[int]) -> list[int]:
    free = (number for number in itertools.count(before + 1) if number not in taken)
    return list(itertools.islice(free, count))


def _header(path: Path, start: bytes, delimiter: str) -> list[str]:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in start[:1024]:
        raise FileRefused(
            f"{path.name} is not UTF-8 (byte offset 0)",
            code="encoding-error",
            hint="convert it: iconv -f UTF-16 -t UTF-8",
        )
    line = start.split(b"\n", 1)[0].rstrip(b"\r")
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileRefused(
            f"{path.name}: the header is not UTF-8 (byte offset {error.start})",
            code="encoding-error",
            hint="convert it: iconv -f LATIN1 -t UTF-8",
        ) from error
    if delimiter not in text and any(other in text for other in ";\t,|"):
        raise FileRefused(
            f"{path.name}: the header has no {delimiter!r}",
            code="dialect",
            hint="use --format csv for commas or --format tsv for tabs",
        )
    parsed = pyarrow.csv.read_csv(
        pa.BufferReader(text.encode() + b"\n"),
        parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter),
    )
    return list(parsed.column_names)


def _text_block(frame: pl.DataFrame, numbers: list[int], bad: list[Rejection]) -> Block:
    """Decode cells; a row with a cell that is not UTF-8 is broken."""
    text = frame.select(pl.all().cast(pl.String, strict=False))
    text = text.with_columns(pl.Series("_row", numbers, dtype=pl.Int64))
    undecodable = text.select(
        pl.any_horizontal(pl.col(name).is_null() for name in frame.columns)
    ).to_series()
    for row in frame.with_columns(text["_row"]).filter(undecodable).iter_rows(named=True):
        number = row.pop("_row")
        raw = ",".join(
            bytes(cell or b"").decode("utf-8", "backslashreplace") for cell in row.values()
        )
        bad.append(Rejection(number, "encoding", "a cell is not UTF-8", raw))
    return Block(text.filter(~undecodable), bad)


def _json_lines(path: Path) -> Iterator[Block]:
    with _open(path) as stream:
        number, buffered = 0, io.BufferedReader(stream)
        while lines := list(itertools.islice(buffered, _LINES)):
            rows, bad = [], []
            for line in lines:
                number += 1
                try:
                    value = json.loads(line)
                    if not isinstance(value, dict):
                        raise TypeError("not an object")
                except (ValueError, TypeError, RecursionError) as error:
                    raw = line.decode("utf-8", "backslashreplace").rstrip("\n")
                    bad.append(Rejection(number, "bad-json", str(error)[:200], raw))
                    continue
                rows.append({**{k: _cell(v) for k, v in value.items()}, "_row": number})
            yield Block(_frame(rows), bad)


def _cell(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    if not rows:
        return pl.DataFrame({"_row": []})
    names = dict.fromkeys(name for row in rows for name in row if name != "_row")
    schema = {**dict.fromkeys(names, pl.String), "_row": pl.Int64}
    return pl.DataFrame(rows, schema=schema)


def _parquet(path: Path) -> Iterator[Block]:
    try:
        file = pyarrow.parquet.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise FileRefused(
            f"{path.name} is not Parquet", code="unreadable", hint="check the export"
        ) from error
    with file:
        row = 0
        for batch in file.iter_batches(batch_size=_LINES):
            frame = pl.DataFrame(pl.from_arrow(batch))
            moments = [name for name, kind in frame.schema.items() if kind.is_temporal()]
            frame = frame.with_columns(
                pl.col(name).cast(pl.Datetime("ms")).dt.epoch("ms") for name in moments
            ).cast(pl.String)
            numbers = pl.int_range(row + 1, row + 1 + len(frame), eager=True)
            row += len(frame)
            yield Block(frame.with_columns(_row=numbers))


def _adjacency(path: Path) -> Iterator[Block]:
    """Each line is a user and the items of that user; a row is a pair."""
    with _open(path) as stream:
        row, buffered = 0, io.BufferedReader(stream)
        while lines := list(itertools.islice(buffered, _LINES // 10)):
            cells = pl.Series([line.decode("utf-8", "replace").strip() for line in lines])
            parts = pl.DataFrame({"cells": cells.str.split(" ")})
            frame = (
                parts.select(
                    user_id=pl.col("cells").list.first(), item_id=pl.col("cells").list.slice(1)
                )
                .explode("item_id")
                .drop_nulls()
            )
            numbers = pl.int_range(row + 1, row + 1 + len(frame), eager=True)
            row += len(frame)
            yield Block(frame.with_columns(_row=numbers))

"""Stream a table of any size: CSV, TSV, JSON lines, Parquet, adjacency lists; gzip and zstd.

Every column leaves as text, so that one rule decides what a cell means whatever the file. Memory
holds one block. A column whose name begins with ``_`` is the quarantine's, and ignored.
"""

import functools
import json
import operator
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet

from engine.data.reading.block import NESTED, Block, without_blank_rows
from engine.data.reading.delimited import read_delimited
from engine.data.reading.line_formats import read_adjacency, read_json_lines
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.rejection import Rejection
from engine.data.reading.text_stream import COMPRESSED
from engine.errors import FileRefused

__all__ = ["FORMATS", "Block", "detect_format", "read_blocks"]

FORMATS = ("auto", "csv", "tsv", "jsonl", "parquet", "adjacency")
_DEFAULT = ReadOptions()
_PARQUET_ROWS = 20_000
_WHOLE = float(1 << 53)
_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".inter": "tsv",
    ".kg": "tsv",
    ".link": "tsv",
    ".item": "tsv",
    ".user": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}


def detect_format(path: Path) -> str:
    """Return the format that the file's suffix names, compression aside.

    Raises:
        FileRefused: The suffix says nothing.
    """
    suffixes = [one.lower() for one in path.suffixes if one.lower() not in COMPRESSED]
    if suffixes and suffixes[-1] in _SUFFIXES:
        return _SUFFIXES[suffixes[-1]]
    raise FileRefused(
        f"{path.name}: the suffix does not tell the format",
        code="format",
        hint=f"use --format with one of {', '.join(FORMATS[1:])}",
    )


def read_blocks(path: Path, options: ReadOptions = _DEFAULT) -> Iterator[Block]:
    """Yield the file block by block.

    Args:
        path: The file.
        options: How; of these the format, the delimiter and the columns count here.

    Raises:
        FileRefused: The file is missing, empty, or not what its name says.
    """
    if not path.is_file():
        raise FileRefused(f"{path}: no such file", code="missing-file", hint="check the path")
    if path.stat().st_size == 0:
        raise FileRefused(
            f"{path.name} is empty", code="empty-file", hint="check the export that wrote it"
        )
    kind = detect_format(path) if options.format == "auto" else options.format
    if options.columns and kind not in ("csv", "tsv"):
        raise FileRefused(
            f"{path.name}: the columns of a {kind} file have their names",
            code="format",
            hint="leave --columns out, or say --format csv or tsv",
        )
    if kind == "parquet":
        yield from _parquet(path)
    elif kind == "jsonl":
        yield from read_json_lines(path)
    elif kind == "adjacency":
        yield from read_adjacency(path)
    else:
        yield from read_delimited(path, "\t" if kind == "tsv" else ",", options.columns)


def _parquet(path: Path) -> Iterator[Block]:
    """Yield a Parquet file; it has no lines, so the number of the record stands for one."""
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            names = [name for name in file.schema_arrow.names if not name.startswith("_")]
            row = 0
            for batch in file.iter_batches(batch_size=_PARQUET_ROWS, columns=names):
                frame = pl.DataFrame(pl.from_arrow(pa.table(batch)))
                yield _parquet_block(frame, row)
                row += len(frame)
    except (pa.ArrowInvalid, OSError) as error:
        raise FileRefused(
            f"{path.name} is not Parquet, or damaged", code="unreadable", hint="check the export"
        ) from error


def _parquet_block(frame: pl.DataFrame, before: int) -> Block:
    names = frame.columns
    text = frame.select(_text(pl.col(name), kind, frame) for name, kind in frame.schema.items())
    text = text.with_columns(_row=pl.int_range(before + 1, before + 1 + len(frame)))
    broken = []
    binary = [name for name, kind in frame.schema.items() if kind == pl.Binary]
    if binary:
        lost = [text[name].is_null() & frame[name].is_not_null() for name in binary]
        bad = functools.reduce(operator.or_, lost)
        for row in text.filter(bad).iter_rows(named=True):
            number = row.pop("_row")
            broken.append(Rejection(number, "encoding", "", "", number, row))
        text = text.filter(~bad)
    kept, blank = without_blank_rows(text, names)
    for position in blank:
        number = text["_row"][position]
        broken.append(Rejection(number, "blank-row", "", "", number, dict.fromkeys(names)))
    return Block(kept, broken)


def _text(column: pl.Expr, kind: pl.DataType, frame: pl.DataFrame) -> pl.Expr:
    """Return a column as text: a moment in epoch ms, a whole number without a fraction."""
    if isinstance(kind, pl.Datetime) or kind == pl.Date:
        return column.dt.epoch("ms").cast(pl.String)
    if kind.is_float():
        # A column of whole numbers with a gap is a float to pandas: 7.0 is the id 7.
        whole = (column == column.round()) & (column.abs() < _WHOLE)
        number = pl.when(whole).then(column).cast(pl.Int64, strict=False).cast(pl.String)
        return pl.coalesce(number, column.cast(pl.String))
    if kind.is_nested():
        name = column.meta.output_name()
        cells = [
            None if cell is None else NESTED + json.dumps(cell, default=str)
            for cell in frame[name].to_list()
        ]
        return pl.lit(pl.Series(name, cells, dtype=pl.String))
    if kind == pl.Binary:
        name = column.meta.output_name()
        return pl.lit(pl.Series(name, [_decoded(cell) for cell in frame[name]], dtype=pl.String))
    return column.cast(pl.String, strict=False)


def _decoded(cell: bytes | None) -> str | None:
    try:
        return None if cell is None else cell.decode()
    except UnicodeDecodeError:
        return None

"""Stream a table of any size: CSV, TSV, JSON lines, Parquet, adjacency lists; gzip and zstd.

Every column leaves as text, so that one rule decides what a cell means whatever the file. Memory
holds one block. A column whose name begins with ``_`` is the quarantine's, and ignored.
"""

from collections.abc import Iterator
from pathlib import Path

from engine.data.reading.block import Block
from engine.data.reading.delimited import ColumnSelector, read_delimited
from engine.data.reading.line_formats import read_adjacency, read_json_lines
from engine.data.reading.parquet import read_parquet
from engine.data.reading.part_names import no_file
from engine.data.reading.plugin_reader import format_of_suffix, is_reader, read_by_plugin
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.text_stream import COMPRESSED
from engine.errors import FileRefused
from engine.plugins import ExtensibleNames

__all__ = ["FORMATS", "Block", "ColumnSelector", "detect_format", "read_blocks"]

_OWN_FORMATS = ("auto", "csv", "tsv", "jsonl", "parquet", "adjacency")
FORMATS = ExtensibleNames("engine.readers", _OWN_FORMATS, is_reader)
_DEFAULT = ReadOptions()
_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".inter": "tsv",
    ".tab": "tsv",
    ".kg": "tsv",
    ".link": "tsv",
    ".item": "tsv",
    ".user": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".parq": "parquet",
}

_OTHER_SUFFIXES = {
    ".zip": "unpack it, or pack it as .gz or .zst",
    ".bz2": "unpack it, or pack it as .gz or .zst",
    ".xz": "unpack it, or pack it as .gz or .zst",
    ".xlsx": "save the sheet as CSV",
    ".xls": "save the sheet as CSV",
    ".json": "with one object in each line: --format jsonl",
}


def detect_format(path: Path) -> str:
    """Return the format that the file's suffix names, compression aside.

    Raises:
        FileRefused: The suffix says nothing.
    """
    if (suffix := _suffix(path)) in _SUFFIXES:
        return _SUFFIXES[suffix]
    if (added := format_of_suffix(suffix)) is not None:
        return added
    known = f"use --format with one of {', '.join(name for name in FORMATS if name != 'auto')}"
    raise FileRefused(
        f"{path.name}: the format is not known from the suffix",
        code="format",
        hint=_OTHER_SUFFIXES.get(path.suffix.lower(), known),
    )


def read_blocks(
    path: Path, options: ReadOptions = _DEFAULT, choose: ColumnSelector | None = None
) -> Iterator[Block]:
    """Yield the file block by block.

    Args:
        path: The file.
        options: How; of these the format, the delimiter and the columns count here.
        choose: Which of the file's columns matter; the others may be left unread, and what is wrong
            with them does not matter. None: all of them.

    Raises:
        FileRefused: The file is missing, empty, or not what its name says.
    """
    if not path.is_file():
        raise no_file(path)
    if path.stat().st_size == 0:
        raise FileRefused(
            f"{path.name} is empty", code="empty-file", hint="check the export that wrote it"
        )
    kind = _kind(path, options)
    if kind == "parquet":
        yield from read_parquet(path, choose)
    elif kind == "jsonl":
        yield from read_json_lines(path)
    elif kind == "adjacency":
        yield from read_adjacency(path)
    elif kind not in _OWN_FORMATS:
        yield from read_by_plugin(kind, path, choose)
    else:
        yield from read_delimited(path, "\t" if kind == "tsv" else ",", options, choose)


def _kind(path: Path, options: ReadOptions) -> str:
    """Return the format of a file: the one that is given, or that of the suffix."""
    is_text = bool(options.delimiter or options.columns)
    kind = options.format
    if kind == "auto":
        known = _suffix(path) in _SUFFIXES
        kind = "csv" if is_text and not known else detect_format(path)
    if options.columns and kind not in ("csv", "tsv"):
        raise FileRefused(
            f"{path.name}: a {kind} file names its own columns",
            code="format",
            hint="leave --columns out, or say --format csv or tsv",
        )
    return kind


def _suffix(path: Path) -> str:
    suffixes = [one.lower() for one in path.suffixes if one.lower() not in COMPRESSED]
    return suffixes[-1] if suffixes else ""

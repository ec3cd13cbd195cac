"""Stream Parquet: only the columns that are used, whatever types the others have.

Every column leaves as text: a moment as ISO 8601 in UTC, a duration in seconds, a whole number
without a fraction, a UUID in its usual form, a list or an object as JSON.
"""

import functools
import json
import operator
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet

from engine.data.reading.block import NESTED, Block, without_blank_rows
from engine.data.reading.delimited import ColumnSelector
from engine.data.reading.header import distinct_names
from engine.data.reading.packed_vectors import pack_all
from engine.data.reading.rejection import Rejection
from engine.data.reading.text_stream import open_file
from engine.errors import FileRefused

_ROWS = 20_000
_FEWEST_ROWS = 100
_BYTES = 32 << 20
_WHOLE = float(1 << 53)
_UUID_BYTES = 16
_MOMENT = "%Y-%m-%dT%H:%M:%S%.fZ"
_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_SECONDS_OF_A_DAY = 86_400
_FARTHEST_SECONDS = 8_200_000_000_000
"""In the year 261,817; what lies farther away is shown as this, as polars has no text for it."""


def read_parquet(path: Path, choose: ColumnSelector | None = None) -> Iterator[Block]:
    """Yield a Parquet file; it has no lines, so the number of the record stands for one.

    Args:
        path: The file.
        choose: Which columns are to be read; None: all of them.

    Raises:
        FileRefused: The file is not Parquet, damaged, or a column that is wanted has a type that is
            no text.
    """
    try:
        with open_file(path) as opened, pyarrow.parquet.ParquetFile(opened) as file:
            columns = _Columns(path, file, choose)
            if not file.metadata.num_rows:
                yield columns.text([], 0)
            row = 0
            size = _batch_rows(file)
            for batch in file.iter_batches(batch_size=size, columns=columns.stored_names):
                yield columns.text(batch, row)
                row += len(batch)
    except (pa.ArrowException, OSError) as error:
        raise FileRefused(
            f"{path.name} is not Parquet, or damaged: {str(error).partition(chr(10))[0][:200]}",
            code="unreadable",
            hint="check the export that wrote it",
        ) from error


def _batch_rows(file: pyarrow.parquet.ParquetFile) -> int:
    """Return how many rows are read at a time: fewer where they hold long vectors."""
    groups = (file.metadata.row_group(n) for n in range(file.metadata.num_row_groups))
    size = sum(group.total_byte_size for group in groups) / max(1, file.metadata.num_rows)
    return max(_FEWEST_ROWS, min(_ROWS, int(_BYTES / max(1.0, size))))


class _Columns:
    """The columns of a file that are used."""

    def __init__(
        self, path: Path, file: pyarrow.parquet.ParquetFile, choose: ColumnSelector | None
    ) -> None:
        self._path = path
        stored = file.schema_arrow.names
        names = distinct_names(stored)
        mine = [name for name in names if not name.startswith("_")]
        wanted = set(choose(mine)) if choose else set(mine)
        self.unread = tuple(name for name in mine if name not in wanted)
        # A name may stand twice: which of them it is.
        turn: Counter[str] = Counter()
        self._wanted: list[tuple[str, str, int]] = []
        for name, own in zip(names, stored, strict=True):
            if name in wanted:
                self._wanted.append((name, own, turn[own]))
            turn[own] += 1
        self.stored_names = list(dict.fromkeys(own for _, own, _ in self._wanted))

    def text(self, batch: Any, before: int) -> Block:
        """Return rows as text; ``before`` is how many there were."""
        found: dict[str, list[int]] = {}
        for place, own in enumerate(batch.schema.names if len(batch) else ()):
            found.setdefault(own, []).append(place)
        texts, lost = {}, {}
        for name, own, turn in self._wanted:
            if not len(batch):
                texts[name] = pl.Series(name, [], dtype=pl.String)
                continue
            cells = batch.column(found[own][turn])
            texts[name] = self._series(name, cells)
            if _is_bytes(cells.type) and cells.null_count < texts[name].null_count():
                there = pl.Series(cells.is_valid().to_numpy(zero_copy_only=False))
                lost[name] = texts[name].is_null() & there
        numbers = pl.Series("_row", range(before + 1, before + 1 + len(batch)), dtype=pl.Int64)
        return self._block(pl.DataFrame([*texts.values(), numbers]), lost)

    def _block(self, frame: pl.DataFrame, lost: dict[str, pl.Series]) -> Block:
        broken = []
        if lost:
            bad = functools.reduce(operator.or_, lost.values())
            where = pl.DataFrame(lost).filter(bad)
            for row, here in zip(
                frame.filter(bad).iter_rows(named=True), where.iter_rows(named=True), strict=True
            ):
                number = row.pop("_row")
                columns = ", ".join(name for name, is_lost in here.items() if is_lost)
                broken.append(Rejection(number, "encoding", columns, "", number, row))
            frame = frame.filter(~bad)
        names = [name for name in frame.columns if name != "_row"]
        # Where columns were left unread nobody knows whether a row is blank.
        kept, blank = without_blank_rows(frame, [] if self.unread else names)
        for position in blank:
            number = frame["_row"][position]
            broken.append(Rejection(number, "blank-row", "", "", number, dict.fromkeys(names)))
        return Block(kept, broken, unread=self.unread)

    def _series(self, name: str, cells: Any) -> pl.Series:
        try:
            return text_cells(cells).rename(name)
        except NO_TEXT as error:
            raise FileRefused(
                f"{self._path.name}: column {name!r} is of the type {cells.type}, which cannot be "
                f"read as text: {str(error).partition(chr(10))[0][:200]}",
                code="type",
                hint=f"write it as text in the export, or leave it out: --skip '{name}'",
            ) from error


NO_TEXT = (pa.ArrowException, pl.exceptions.PolarsError, ValueError, TypeError, OverflowError)


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or kind == pa.binary_view()
    )


def text_cells(cells: Any) -> pl.Series:
    """Return cells of any type as text.

    Raises:
        NO_TEXT: The type has none.
    """
    kind = cells.type
    if isinstance(kind, pa.BaseExtensionType):
        if str(kind).endswith("uuid>") or str(kind) == "uuid":
            return _each(cells.storage, lambda cell: str(uuid.UUID(bytes=cell)))
        return text_cells(cells.storage)
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        plain = kind.value_type
        return text_cells(cells.cast(plain) if pa.types.is_dictionary(kind) else cells.decode())
    for is_of, convert in _CONVERSIONS:
        if is_of(kind):
            return convert(cells)
    return _series(cells.cast(pa.large_string()))


def _moments(cells: Any) -> pl.Series:
    # Without its zone a moment is what it is in UTC; a zone such as +05:30 polars does not know.
    unit = cells.type.unit
    numbers = _series(cells.cast(pa.timestamp(unit)).cast(pa.int64()))
    if (second := _UNITS[unit]) <= _UNITS["us"]:  # those of nanoseconds end in 2262
        numbers = numbers.clip(-_FARTHEST_SECONDS * second, _FARTHEST_SECONDS * second)
    if unit == "s":  # which polars has not
        numbers, unit = numbers * 1_000, "ms"
    return numbers.cast(pl.Datetime(unit)).dt.to_string(_MOMENT)


def _days(cells: Any) -> pl.Series:
    farthest = _FARTHEST_SECONDS // _SECONDS_OF_A_DAY
    numbers = _series(cells.cast(pa.date32()).cast(pa.int32())).clip(-farthest, farthest)
    return numbers.cast(pl.Date).dt.to_string("%Y-%m-%d")


def _seconds(cells: Any) -> pl.Series:
    return _numbers_as_text(_series(cells.cast(pa.int64())) / _UNITS[cells.type.unit])


def _floats(cells: Any) -> pl.Series:
    half = pa.types.is_float16(cells.type)
    return _numbers_as_text(_series(cells.cast(pa.float32()) if half else cells))


def _numbers_as_text(numbers: pl.Series) -> pl.Series:
    # A column of whole numbers with a gap is a float to pandas: 7.0 is the id 7.
    whole = (numbers == numbers.round()) & (numbers.abs() < _WHOLE)
    shown = numbers.cast(pl.String)
    as_whole = numbers.zip_with(whole.fill_null(False), pl.Series([None], dtype=numbers.dtype))
    return (
        as_whole.cast(pl.Int64, strict=False)
        .cast(pl.String)
        .zip_with(whole.fill_null(False), shown)
    )


def _decimals(cells: Any) -> pl.Series:
    # 7.00 is the id 7, as it is for a float.
    return _each(cells, lambda cell: f"{cell:f}").str.replace(r"\.0+$", "")


def _nested(cells: Any) -> pl.Series:
    return _each(cells, lambda cell: NESTED + json.dumps(cell, default=str))


def _is_vectors(kind: pa.DataType) -> bool:
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return any(is_of(kind) for is_of in lists) and pa.types.is_floating(kind.value_type)


def _vectors(cells: Any) -> pl.Series:
    # A number that is missing, or too large for four bytes, is told from others when it is judged.
    numbers = cells.flatten().cast(pa.float32(), safe=False).to_numpy(zero_copy_only=False)
    lengths = iter(pyarrow.compute.list_value_length(cells).to_pylist())
    return pl.Series("", list(pack_all(numbers, lengths)), dtype=pl.String)


def _bytes(cells: Any) -> pl.Series:
    return _each(cells, _decoded)


def _fixed_bytes(cells: Any) -> pl.Series:
    if cells.type.byte_width == _UUID_BYTES:
        return _each(cells, lambda cell: str(uuid.UUID(bytes=cell)))
    return _each(cells, bytes.decode)


def _decoded(cell: bytes) -> str | None:
    try:
        return cell.decode()
    except UnicodeDecodeError:
        return None


def _each(cells: Any, convert: Callable[[Any], str | None]) -> pl.Series:
    texts = [None if cell is None else convert(cell) for cell in cells.to_pylist()]
    return pl.Series("", texts, dtype=pl.String)


def _series(cells: Any) -> pl.Series:
    return pl.Series(pl.from_arrow(cells))


_CONVERSIONS: tuple[tuple[Callable[[Any], bool], Callable[[Any], pl.Series]], ...] = (
    (pa.types.is_timestamp, _moments),
    (pa.types.is_date, _days),
    (pa.types.is_duration, _seconds),
    (pa.types.is_floating, _floats),
    (pa.types.is_decimal, _decimals),
    (_is_vectors, _vectors),
    (pa.types.is_nested, _nested),
    (_is_bytes, _bytes),
    (pa.types.is_fixed_size_binary, _fixed_bytes),
)

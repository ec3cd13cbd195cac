"""The rows of a query as a file under ``ENGINE_HOME``, where they are validated like any others.

So a query runs once, its transaction ends before the first row is written anywhere, and every rule
of files holds. Memory holds some thousand rows.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet

from engine.data import watermark_value
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.reading.database_values import text_column
from engine.data.sql_query import SqlQuery
from engine.errors import StoreError
from engine.graph.source_positions import SourcePosition
from engine.loading.load_source import LoadSource
from engine.loading.source_files import Part, SourceFiles
from engine.store import sql_rows

_ROWS = 20_000
_BYTES = 16 << 20
_PART = "watermark"


def position_source(query: SqlQuery, kind: str) -> str:
    """Return what identifies a query that is asked again for newer rows."""
    asked = [kind, sql_rows.identity(query.address), query.text.strip(), query.watermark]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def query_file(folder: Path, kind: str) -> Path:
    """Return where ``read_query`` keeps the rows."""
    return folder / f"{kind}-query.parquet"


def read_query(
    query: SqlQuery,
    kind: str,
    folder: Path,
    before: Mapping[str, str],
    advance: StageProgress = no_stage,
) -> LoadSource:
    """Run a query and keep its rows in a file.

    Args:
        query: What to ask which database.
        kind: ``items``, ``users``, ``events`` or ``facts``.
        folder: Where the file is made; must exist.
        before: How far a query with a watermark was read.
        advance: Follows the progress.

    Raises:
        ConfigError: The address is malformed, or its driver is not installed.
        StoreError: The database is away or refuses the query, or the disk cannot hold the rows.
        UsageError: The query returns no rows, or its watermark column is none.
    """
    label, address = sql_rows.database_name(query.address), sql_rows.shown_address(query.address)
    since = watermark_value.from_text(before[_PART]) if _PART in before else None
    path = query_file(folder, kind)
    newest, count = None, 0
    with sql_rows.open_rows(query, since) as rows, _rows_file(path, rows.columns) as file:
        for part in rows.parts:
            newest = _last(part, rows.columns, query.watermark, newest)
            file.add(part)
            count += len(part)
            advance(f"reading {label}", count, 0)
    position = None
    if newest is not None:
        after = {_PART: watermark_value.to_text(newest)}
        position = SourcePosition(position_source(query, kind), address, before, after)
    return LoadSource(SourceFiles(path, (Part(path, label),), label), address, position)


def _last(
    part: Sequence[Sequence[Any]], columns: Sequence[str], watermark: str | None, before: Any
) -> Any:
    """Return the last value of the watermark column, by which the database sorted the rows."""
    if watermark is None:
        return None
    place = columns.index(watermark)
    return next((row[place] for row in reversed(part) if row[place] is not None), before)


class _RowsFile:
    """A Parquet file of text, made of few large pieces."""

    def __init__(self, writer: pyarrow.parquet.ParquetWriter) -> None:
        self._writer = writer
        self._waiting: list[pl.DataFrame] = []

    def add(self, part: Sequence[Sequence[Any]]) -> None:
        cells = zip(*part, strict=True)
        # Columns may share a name: here they are called by their place.
        texts = [text_column(str(place), values) for place, values in enumerate(cells)]
        self._waiting.append(pl.DataFrame(texts))
        waiting = self._waiting
        if sum(map(len, waiting)) >= _ROWS or sum(f.estimated_size() for f in waiting) >= _BYTES:
            self.write()

    def write(self) -> None:
        if self._waiting:
            columns = pl.concat(self._waiting).to_arrow(compat_level=pl.CompatLevel.oldest())
            self._writer.write_table(
                pa.Table.from_arrays(columns.columns, schema=self._writer.schema)
            )
            self._waiting = []


@contextmanager
def _rows_file(path: Path, columns: Sequence[str]) -> Iterator[_RowsFile]:
    schema = pa.schema([(name, pa.large_string()) for name in columns])
    try:
        with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
            file = _RowsFile(writer)
            yield file
            file.write()
    except OSError as error:
        raise StoreError(
            f"the rows of the query cannot be kept in {path.parent}: {error.strerror or error}",
            hint="free space there, or set ENGINE_HOME to a disk with room for them",
        ) from error

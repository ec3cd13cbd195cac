"""Frames that are given in place of files: written to a file, so that the same contract holds."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.data.sql_query import check_is_database, is_address
from engine.errors import DataError, UsageError

if TYPE_CHECKING:
    import polars as pl

Source: TypeAlias = Any
"""A path of a file or a folder, or a frame: polars, pandas, or whatever exports Arrow."""

_KINDS = "a path, or a frame of polars, pandas or Arrow"


@contextmanager
def files_of(sources: Mapping[str, Source | None]) -> Iterator[dict[str, Path | None]]:
    """Lend a path for each source: its own, or that of a Parquet file that holds the frame.

    Args:
        sources: Kind, such as ``events``, to path, frame or None.

    Raises:
        UsageError: A source is none of these.
        DataError: A frame has a column that no file can hold.
    """
    paths = {kind: _path(kind, one) for kind, one in sources.items() if not _is_frame(one)}
    frames = {kind: one for kind, one in sources.items() if kind not in paths}
    if not frames:  # a process that is killed leaves no folder behind, then
        yield paths
        return
    with tempfile.TemporaryDirectory(prefix="engine-") as folder:
        yield paths | {kind: _written(kind, one, Path(folder)) for kind, one in frames.items()}


def _is_frame(source: Source | None) -> bool:
    return source is not None and not isinstance(source, str | PathLike)


def _path(kind: str, source: Source | None) -> Path | None:
    if source is None:
        return None
    if is_address(source):
        check_is_database(str(source))
        raise UsageError(
            f"{kind}: an address needs a query",
            hint="engine.SqlQuery(address, 'SELECT ...'), or --query 'SELECT ...'",
        )
    return Path(source)


def _written(kind: str, source: Source, folder: Path) -> Path:
    path = folder / f"{kind}.parquet"
    try:
        _frame(kind, source).write_parquet(path)
    except (UsageError, OSError):
        raise
    except Exception as error:  # polars, pandas and pyarrow have no class of errors in common
        raise DataError(
            f"{kind}: the frame has a column that Parquet cannot hold: {error}",
            hint="make every column of one type: text, numbers or times",
        ) from error
    return path


def _frame(kind: str, source: Source) -> "pl.DataFrame":
    import polars as pl

    if isinstance(source, pl.LazyFrame):
        return source.collect()
    if isinstance(source, pl.DataFrame):
        return source
    if type(source).__module__.partition(".")[0] == "pandas" and hasattr(source, "columns"):
        return pl.from_pandas(source)  # Arrow's own export would take the index for a column
    if hasattr(source, "__arrow_c_stream__"):
        return pl.DataFrame(source)
    raise UsageError(f"{kind} must be {_KINDS}, not {type(source).__name__}")

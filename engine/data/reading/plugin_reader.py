"""Files of other formats: a plug-in reads them into frames, which are held to Parquet's rules."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from engine.data.reading.block import Block
from engine.data.reading.delimited import ColumnSelector
from engine.data.reading.parquet import read_parquet
from engine.errors import FileRefused
from engine.plugins import ExtensibleTable


@dataclass(frozen=True)
class FileReader:
    """How a plug-in reads a format, the name of which is the entry point's.

    Attributes:
        read: Path to frames with one header, in the order of the file; each holds some of its rows.
        suffixes: Of such files, such as ``.feather``.
    """

    read: Callable[[Path], Iterable[pl.DataFrame]]
    suffixes: tuple[str, ...] = ()


def is_reader(value: object) -> bool:
    """Tell whether an entry point holds a reader."""
    return isinstance(value, FileReader)


READERS: ExtensibleTable[FileReader] = ExtensibleTable("engine.readers", {}, is_reader)


def format_of_suffix(suffix: str) -> str | None:
    """Return the format of a plug-in whose files end so, or None."""
    return next((name for name, one in READERS.items() if suffix in one.suffixes), None)


def read_by_plugin(name: str, path: Path, choose: ColumnSelector | None = None) -> Iterator[Block]:
    """Yield a file that a plug-in reads.

    Args:
        name: Of the format.
        path: The file.
        choose: Which columns are to be read; None: all of them.

    Raises:
        FileRefused: The plug-in cannot read it.
    """
    with tempfile.TemporaryDirectory(prefix="engine-") as folder:
        whole = Path(folder) / path.name  # messages name the file
        try:
            # Types of a column may differ from frame to frame, so all of them are looked at.
            frames = list(READERS[name].read(path))
            pl.concat(frames, how="diagonal_relaxed").write_parquet(whole)
        except Exception as error:  # a plug-in may raise anything
            raise FileRefused(
                f"{path.name}: the reader of {name} failed: {type(error).__name__}: {error}",
                code="unreadable",
                hint="check the export that wrote it, or ask whoever made the plug-in",
            ) from error
        yield from read_parquet(whole, choose)

"""Read the tables of a folder, some rows at a time."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet

from engine.exchange.folders import LocalFolder
from engine.exchange.manifest import Manifest

_ROWS = 100_000


class FolderRows:
    """Reads the tables of a folder of this machine.

    Args:
        folder: Whose files are what the manifest says.
        manifest: Of the folder.
    """

    def __init__(self, folder: LocalFolder, manifest: Manifest) -> None:
        self._folder, self._manifest = folder, manifest

    def batches(
        self, table: str, columns: tuple[str, ...] | None = None, rows: int = _ROWS
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a table; nothing of one that the folder does not have.

        Args:
            table: Such as ``entities``.
            columns: Those to read; None: all.
            rows: At most so many at a time.
        """
        chosen = None if columns is None else list(columns)
        for one in self._manifest.of(table):
            with pyarrow.parquet.ParquetFile(self._folder.path / one.name) as file:
                yield from file.iter_batches(batch_size=rows, columns=chosen)

"""Staged rows: what a file was validated to hold, on disk until the whole file is known to be good.

Memory holds one batch. The file is Arrow's, compressed, under ``ENGINE_HOME``, and removed at the
end, whatever the end is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pyarrow as pa

from engine.errors import StoreError

_COMPRESSED = pa.ipc.IpcWriteOptions(compression="lz4")


class StagedRows:
    """Rows of one source in the order in which they were validated.

    Args:
        path: Where to keep them; the folder must exist.

    Attributes:
        rows: How many there are.
    """

    def __init__(self, path: Path) -> None:
        self.rows = 0
        self._path = path
        self._writer: pa.RecordBatchStreamWriter | None = None
        self._sink: pa.OSFile | None = None
        self._parts: list[int] = []

    def add(self, frame: pl.DataFrame, part: int = 0) -> None:
        """Append rows of a part, which is known by its number.

        Raises:
            StoreError: The disk cannot hold them.
        """
        if not len(frame):
            return
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks()
        with _disk(self._path.parent):
            if self._writer is None:
                self._sink = pa.OSFile(str(self._path), "wb")
                self._writer = pa.ipc.new_stream(self._sink, table.schema, options=_COMPRESSED)
            batches = table.to_batches()
            for batch in batches:
                self._writer.write_batch(batch)
        self._parts += [part] * len(batches)
        self.rows += len(frame)

    def batches(self) -> Iterator[tuple[int, pl.DataFrame]]:
        """Yield the number of a part and rows of it, as they were added; nothing can be added then.

        Raises:
            StoreError: They cannot be read back.
        """
        self._close()
        if not self.rows:
            return
        with _disk(self._path.parent), pa.OSFile(str(self._path)) as source:
            for part, batch in zip(self._parts, pa.ipc.open_stream(source), strict=True):
                yield part, pl.DataFrame(pl.from_arrow(pa.Table.from_batches([batch])))

    def remove(self) -> None:
        """Remove them from the disk."""
        self._close()
        self._path.unlink(missing_ok=True)

    def _close(self) -> None:
        # Closing writes the end of the stream, which a full disk refuses a second time.
        writer, sink, self._writer, self._sink = self._writer, self._sink, None, None
        try:
            if writer is not None:
                with _disk(self._path.parent):
                    writer.close()
        finally:
            if sink is not None:
                sink.close()


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = str(error).partition("\n")[0]
        raise StoreError(
            f"validated rows cannot be kept in {folder}: {message}",
            hint="free space there, or set ENGINE_HOME to a disk with room for the file",
        ) from error

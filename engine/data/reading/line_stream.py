"""Lines of a stream that has no end yet: a pipe, or a file that another program appends to.

A reader thread waits for lines; whoever takes them gets a batch once it is full or its first line
has waited long enough.
"""

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from engine.errors import FileRefused

_POLL_SECONDS = 0.05
_WAITING_LINES = 20_000
LONGEST_LINE = 1 << 20


@dataclass(frozen=True)
class Line:
    """A whole line.

    Attributes:
        data: Its bytes, the end of line included.
        end: Bytes of the source up to its end.
        source: What is the same as long as the source is: ``device:inode`` of a file.
    """

    data: bytes
    end: int
    source: str


class LineStream:
    """Whole lines of a stream as they come.

    Args:
        path: A file to follow, also where it is cut or another takes its place; None: ``pipe``.
        pipe: Read to its end.
        start: Bytes of the file to leave out, if it is still the source ``of``.
        of: See ``Line.source``.

    Raises:
        FileRefused: There is no such file.
    """

    def __init__(
        self,
        path: Path | None,
        pipe: BinaryIO | None = None,
        *,
        start: int = 0,
        of: str = "",
    ) -> None:
        if path is not None and not path.is_file():
            raise FileRefused(f"{path}: no such file", code="missing-file", hint="check the path")
        self._lines: queue.Queue[Line | OSError | None] = queue.Queue(_WAITING_LINES)
        self._stop = threading.Event()
        read = (self._pipe, pipe) if path is None else (self._file, path, start, of)
        self._thread = threading.Thread(target=self._guarded, args=read, daemon=True)
        self._thread.start()

    def __enter__(self) -> "LineStream":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()

    def join(self) -> None:
        """Wait until the reader of a file has ended."""
        self._thread.join()

    def batches(self, size: int, seconds: float) -> Iterator[list[Line]]:
        """Yield at most ``size`` lines, or what came ``seconds`` after the first; [] while none do.

        Raises:
            OSError: The source cannot be read any more.
        """
        while True:
            batch: list[Line] = []
            ends_at = time.monotonic() + seconds
            while len(batch) < size:
                try:
                    line = self._lines.get(timeout=max(0.0, ends_at - time.monotonic()))
                except queue.Empty:
                    break
                if isinstance(line, OSError):
                    raise line
                if line is None:
                    if batch:
                        yield batch
                    return
                if not batch:
                    ends_at = time.monotonic() + seconds
                batch.append(line)
            yield batch

    def _guarded(self, work: Callable[..., None], *arguments: object) -> None:
        try:
            work(*arguments)
        except OSError as error:
            self._lines.put(error)

    def _pipe(self, pipe: BinaryIO) -> None:
        end = 0
        while data := pipe.readline(LONGEST_LINE):
            end += len(data)
            self._lines.put(Line(data if data.endswith(b"\n") else data + b"\n", end, "pipe"))
        self._lines.put(None)

    def _file(self, path: Path, start: int, of: str) -> None:
        while not self._stop.is_set():
            with path.open("rb") as file:
                found = os.fstat(file.fileno())
                source = f"{found.st_dev}:{found.st_ino}"
                position = start if source == of and start <= found.st_size else 0
                self._follow(path, file, position, source)
            start = 0

    def _follow(self, path: Path, file: BinaryIO, position: int, source: str) -> None:
        """Read a file until it is cut or another stands in its place."""
        file.seek(position)
        begun = b""
        while not self._stop.is_set():
            data = file.readline(LONGEST_LINE)
            if data:
                begun += data
                if begun.endswith(b"\n") or len(begun) >= LONGEST_LINE:
                    position += len(begun)
                    self._lines.put(Line(begun, position, source))
                    begun = b""
                continue
            if _replaced(path, source, position + len(begun)):
                return
            self._stop.wait(_POLL_SECONDS)


def _replaced(path: Path, source: str, read: int) -> bool:
    try:
        now = path.stat()
    except FileNotFoundError:
        return False  # the next one has not been put there yet
    return f"{now.st_dev}:{now.st_ino}" != source or now.st_size < read

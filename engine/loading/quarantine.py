"""The quarantine: rejected rows as JSON lines, to be mended in place and loaded again.

One object per row: the cells under the file's own columns, and under names that begin with ``_``,
which every loader leaves alone, where the row stood and what is wrong with it. One file per load,
readable by its owner only, and of at most ``MAX_BYTES``: a short line can cost a hundred times its
size here. Rows after that are counted and not written.
"""

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from engine import private_files
from engine.data.reading.block import Block
from engine.data.reading.rejection import SEALED, Rejection, content_seal
from engine.errors import StoreError

MAX_BYTES = 32 << 20
_NAME_BYTES = 200


class Quarantine:
    """Collects the rejected rows of one load; the file exists only when there is one.

    Attributes:
        counts: Code -> rejected rows, all of them.
        examples: Code -> the reason of the first such row.
        unwritten: Rows that are counted and not in the file, because it is full.

    Args:
        folder: ``ENGINE_HOME/quarantine``.
        ingest: Number of the load in the registry.
        source: File the rows come from.
        max_bytes: How large the file may become.
    """

    def __init__(self, folder: Path, ingest: int, source: Path, max_bytes: int = MAX_BYTES) -> None:
        self.path = folder / f"{ingest:06d}-{_shortened(_printable(source.name))}.jsonl"
        self.counts: Counter[str] = Counter()
        self.examples: dict[str, str] = {}
        self.unwritten = 0
        self._left = max_bytes
        self._source = _printable(source.name)
        self._descriptor: int | None = None

    def __enter__(self) -> "Quarantine":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was added is in it."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def add(
        self,
        rejections: Sequence[Rejection],
        block: Block | None = None,
        source: str | None = None,
    ) -> None:
        """Write rejected rows.

        Args:
            rejections: The rows.
            block: Tells the lines and cells of those that lack them.
            source: The part file they stand in, where the source is a folder.

        Raises:
            StoreError: The disk cannot hold them.
        """
        if not rejections:
            return
        if self._descriptor is None:
            private_files.make_folder(self.path.parent)
            self._descriptor = private_files.opener(
                str(self.path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            )
        self.counts.update(one.code for one in rejections)
        for one in rejections:
            if one.code not in self.examples:
                self.examples[one.code] = one.reason
        if self._left <= 0:
            self.unwritten += len(rejections)
            return
        complete = block.complete(rejections) if block else rejections
        named = self._source if source is None else _printable(source)
        marks = _marks(block)
        lines, size = [], 0
        for one in complete:
            line = (json.dumps(_row(one, named, marks)) + "\n").encode()
            size += len(line)
            if size > self._left:
                break
            lines.append(line)
        # Once one row finds no room none after it is written: what is there is the beginning.
        self._left = self._left - size if len(lines) == len(complete) else 0
        self.unwritten += len(complete) - len(lines)
        self._write(self._descriptor, b"".join(lines))

    def _write(self, descriptor: int, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(descriptor, data) :]
        except OSError as error:
            raise StoreError(
                f"rejected rows cannot be kept in {self.path.parent}: {error.strerror}",
                hint="free space there, or set ENGINE_HOME to a disk with room for them",
            ) from error


def _marks(block: Block | None) -> dict[str, str]:
    """Return what a reader of the row must know of how numbers stood in the file."""
    marks = {}
    if block is not None and block.decimal_comma:
        marks["_decimal"] = ","
    if block is not None and block.grouping_point:
        marks["_thousands"] = "."
    return marks


def _row(one: Rejection, source: str, marks: Mapping[str, str]) -> dict[str, Any]:
    cells = dict(one.cells or {})
    row = {
        **cells,
        "_source": source,
        "_line": one.line if one.line is not None else one.row,
        "_code": one.code,
        "_reason": one.reason,
        **marks,
    }
    if one.raw:
        row["_raw"] = one.raw
    if one.extra:
        row["_extra"] = list(one.extra)
    if one.code in SEALED:
        row["_seal"] = content_seal(cells, one.extra)
    return row


def _shortened(name: str) -> str:
    """Return as much of a file's name as leaves room for what stands around it."""
    return name.encode()[:_NAME_BYTES].decode("utf-8", "ignore")


def _printable(name: str) -> str:
    """Return a file's name, which need not be Unicode, as text that JSON can hold."""
    return name.encode("utf-8", "backslashreplace").decode()

"""The quarantine: rejected rows as JSON lines, to be mended in place and loaded again.

One object per row: the cells under the file's own columns, and under names that begin with ``_``,
which every loader leaves alone, where the row stood and what is wrong with it. One file per load,
readable by its owner only.
"""

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from engine.data.reading.block import Block
from engine.data.reading.rejection import CODES, SEALED, Rejection, content_seal


class Quarantine:
    """Collects the rejected rows of one load; the file exists only when there is one.

    Args:
        folder: ``ENGINE_HOME/quarantine``.
        ingest: Number of the load in the registry.
        source: File the rows come from.
    """

    def __init__(self, folder: Path, ingest: int, source: Path) -> None:
        self.path = folder / f"{ingest:06d}-{source.name}.jsonl"
        self.counts: Counter[str] = Counter()
        self._source = source.name.encode("utf-8", "backslashreplace").decode()
        self._descriptor: int | None = None

    def __enter__(self) -> "Quarantine":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def add(self, rejections: Sequence[Rejection], block: Block | None = None) -> None:
        """Write rejected rows; ``block`` tells the lines and cells of those that lack them."""
        if not rejections:
            return
        if self._descriptor is None:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self.counts.update(one.code for one in rejections)
        complete = block.complete(rejections) if block else rejections
        text = "".join(json.dumps(self._row(one)) + "\n" for one in complete)
        left = text.encode()
        while left:
            left = left[os.write(self._descriptor, left) :]

    def _row(self, one: Rejection) -> dict[str, Any]:
        cells = dict(one.cells or {})
        row = {
            **cells,
            "_source": self._source,
            "_line": one.line if one.line is not None else one.row,
            "_code": one.code,
            "_reason": f"{CODES[one.code]}: {one.detail}" if one.detail else CODES[one.code],
        }
        if one.raw:
            row["_raw"] = one.raw
        if one.extra:
            row["_extra"] = list(one.extra)
        if one.code in SEALED:
            row["_seal"] = content_seal(cells, one.extra)
        return row

"""The quarantine: rejected rows as JSON lines, one file per load, readable by its owner only."""

import json
import os
from collections import Counter
from pathlib import Path
from types import TracebackType

from engine.data.rejection import CODES, Rejection


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
        self._source = source
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

    def add(self, rejections: list[Rejection]) -> None:
        """Write rejected rows."""
        if not rejections:
            return
        if self._descriptor is None:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        lines = []
        for one in rejections:
            self.counts[one.code] += 1
            row = {
                "source": self._source.name,
                "row": one.row,
                "code": one.code,
                "reason": f"{CODES[one.code]}: {one.detail}" if one.detail else CODES[one.code],
                "raw": one.raw,
            }
            lines.append(json.dumps(row, ensure_ascii=True) + "\n")
        os.write(self._descriptor, "".join(lines).encode())

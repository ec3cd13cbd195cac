"""A validation that keeps what passed and what did not, for tests to look at."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from engine.data.reading.block import Block
from engine.data.reading.rejection import Rejection
from engine.loading.file_validation import FileValidation
from engine.loading.load import IngestRequest


class KeptRows(FileValidation):
    """The validation of one file, and its rows."""

    def __init__(self, request: IngestRequest, kind: str, path: Path) -> None:
        super().__init__(request, kind, path)
        self.passed: list[dict[str, Any]] = []
        self.bad: list[Rejection] = []

    def add_block(
        self, part: int, block: Block, bad: Sequence[Rejection], passed: pl.DataFrame
    ) -> None:
        """Account for a block and keep its rows."""
        super().add_block(part, block, bad, passed)
        self.passed += passed.to_dicts()
        self.bad += bad

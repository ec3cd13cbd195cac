"""Judging one file or folder: every row is looked at, and then the file as a whole.

Nothing is written anywhere; ``file_load`` adds that.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import polars as pl

from engine.connections.forgotten import Tombstones
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.reading.block import Block
from engine.data.reading.part_names import refusals_of
from engine.data.reading.rejection import Rejection
from engine.data.reading.table_reader import ColumnSelector
from engine.errors import FileRefused
from engine.loading import source_files
from engine.loading.forgotten_rows import IdColumns, leave_out
from engine.loading.load import IngestRequest
from engine.loading.row_account import RowAccount
from engine.loading.source_files import SourceFiles


class Audit(Protocol):
    """Judges a file of events as a whole, beside its rows."""

    def add(self, events: pl.DataFrame, bad: Sequence[Rejection], part: str) -> None:
        """Count events and rejected rows of a part."""

    def check(self) -> None:
        """Raise ``FileRefused`` where the file as a whole is not fit."""


class FileValidation(RowAccount):
    """The validation of one source.

    Args:
        request: How it is read, and what share of its rows may be bad.
        kind: ``items``, ``users``, ``events`` or ``facts``.
        source: A file, a folder of part files, or those that are to be read.
        advance: Follows the progress.
        within: A folder that no part may lie outside of.
        audit: Judges the file as a whole too.

    Raises:
        FileRefused: There is nothing to read, or it cannot be read.
    """

    def __init__(
        self,
        request: IngestRequest,
        kind: str,
        source: Path | SourceFiles,
        advance: StageProgress = no_stage,
        *,
        within: Path | None = None,
        audit: Audit | None = None,
    ) -> None:
        self.request, self.kind, self.audit = request, kind, audit
        self.source = source_files.find(source, within) if isinstance(source, Path) else source
        self._chosen = not isinstance(source, Path)
        super().__init__(self.source.name, kind, request.max_bad)
        self.forgotten: Tombstones | None = None
        self.oldest: int | None = None
        self._advance, self._within = advance, within
        self._before = source_files.fingerprint(self.source)

    def validate(self, work: "Callable[[FileValidation], None]") -> None:
        """Validate every row by ``work``, which calls ``add_block`` for each block.

        Raises:
            FileRefused: The file cannot be read, is not fit as a whole, or changed meanwhile.
            TooManyBadRows: More than ``max_bad`` of its rows are bad.
            NothingAccepted: All of them are.
        """
        with refusals_of(self.source.name):
            work(self)
        if self.audit is not None:
            self.audit.check()
        self.check_bad(final=True)
        self.check_unchanged()
        self.check_accepted()

    def blocks(self, choose: ColumnSelector | None = None) -> Iterator[tuple[int, Block]]:
        """Yield the blocks of the file, each with the number of its part.

        Args:
            choose: Which of the file's columns matter; None: all of them.
        """
        options = self.request.reading.of(self.kind)
        yield from source_files.part_blocks(self.source, options, self.kind, choose)

    def remembered(self, block: Block, columns: IdColumns) -> Block:
        """Return a block without rows of those who are forgotten; judging alone knows nobody.

        Args:
            block: Rows of the file.
            columns: Which of its columns hold ids.
        """
        return leave_out(block, columns, self.forgotten)

    def add_block(
        self, part: int, block: Block, bad: Sequence[Rejection], passed: pl.DataFrame
    ) -> None:
        """Account for a validated block.

        What neither passed nor is bad stood in the file before.
        """
        report = self.report
        report.blank_lines += block.blank_lines
        report.read += block.read
        report.quarantined += len(bad)
        report.forgotten += block.forgotten
        report.past_limit += block.past_limit
        report.duplicate += block.read - block.left_out - len(passed) - len(bad)
        self.reasons.update(one.code for one in bad)
        for one in bad:
            if one.code not in report.examples:
                report.examples[one.code] = one.reason
        if self.audit is not None:
            self.audit.add(passed, bad, self.source.parts[part].name)
        self._advance(f"reading {report.file}", report.read, 0)
        self.check_bad(final=False)

    def check_unchanged(self) -> None:
        """Refuse a source that is not what it was before it was read.

        Raises:
            FileRefused: It changed.
        """
        now = self.source
        if not self._chosen:
            now = source_files.find(self.source.path, self._within)
        if now != self.source or source_files.fingerprint(now) != self._before:
            raise FileRefused(
                f"{self.source.name} changed while it was read; nothing of it is loaded",
                code="changed",
                hint="wait until it is written, and run the same command again",
            )

"""The load of one file or folder: every row is validated before the first one is written.

Rows that passed wait on disk. A file that is refused, too bad, or changed while it was read leaves
nothing in the graph. One record in the registry holds how it ended.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from engine import tracing
from engine.data.reading.block import Block
from engine.data.reading.rejection import Rejection
from engine.loading.file_validation import Audit, FileValidation
from engine.loading.load import FileReport, Load
from engine.loading.load_source import LoadSource
from engine.loading.quarantine import Quarantine
from engine.loading.staging import StagedRows

STAGING = "staging"
"""Folder under ``ENGINE_HOME`` of rows that were validated and not yet written."""


class FileLoad(FileValidation):
    """The load of one source: ``validate``, then ``write``; a context manager.

    Args:
        load: The command's load that it belongs to.
        kind: ``items``, ``users``, ``events`` or ``facts``.
        source: A file, a folder of part files, or what was made ready to be read.
        within: A folder that no part may lie outside of.
        audit: Judges the file as a whole too.

    Raises:
        FileRefused: There is nothing to read, or it cannot be read.

    Attributes:
        number: Of the load in the registry.
        rows: Those that passed.
        position: How far a source is read by this that is read again, once it is written.
        is_written: Whether all of them are in the graph.
    """

    def __init__(
        self,
        load: Load,
        kind: str,
        source: Path | LoadSource,
        *,
        within: Path | None = None,
        audit: Audit | None = None,
    ) -> None:
        files = source if isinstance(source, Path) else source.files
        super().__init__(load.request, kind, files, load.advance, within=within, audit=audit)
        self.load, self.forgotten, self.oldest = load, load.forgotten, load.oldest
        self.position = None if isinstance(source, Path) else source.position
        self.report.passed_over = 0 if isinstance(source, Path) else source.passed_over
        self.is_written = False
        staging = load.home / STAGING
        staging.mkdir(parents=True, exist_ok=True, mode=0o700)
        origin = str(source) if isinstance(source, Path) else source.origin
        self.number = load.registry.start_ingest(origin, self._before[0], kind)
        self.rows = StagedRows(staging / f"{self.number}.arrow")
        self._quarantine = Quarantine(load.home / "quarantine", self.number, Path(self.source.name))
        self._conflicts: dict[int, list[npt.NDArray[np.int64]]] = {}

    def __enter__(self) -> "FileLoad":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        self.rows.remove()
        if not self.is_written:
            stopped = kind is not None and not issubclass(kind, Exception)
            self._record("interrupted" if stopped else "failed")

    def write(self, work: "Callable[[FileLoad], None]") -> None:
        """Write what was validated by ``work``, which calls ``add_written`` for each batch.

        Raises:
            NothingAccepted: Every row clashes with what the graph holds.
        """
        with tracing.span(f"load {self.kind}", load=self.number) as span:
            work(self)
            span.set("engine.accepted", self.report.accepted)
        self._quarantine_conflicts()
        self.check_accepted()
        self._record("finished")
        self.is_written = True

    def add_block(
        self, part: int, block: Block, bad: Sequence[Rejection], passed: pl.DataFrame
    ) -> None:
        """Account for a validated block; of its rows ``passed`` wait to be written."""
        self.rows.add(passed, part)
        self._quarantine.add(bad, block, self.source.parts[part].name)
        super().add_block(part, block, bad, passed)

    def add_written(
        self, part: int, rows: int, new: int, conflicts: Sequence[Rejection] = ()
    ) -> None:
        """Account for a batch that is written: rows of it, and how many were new."""
        if conflicts:
            found = np.array([one.row for one in conflicts], dtype=np.int64)
            self._conflicts.setdefault(part, []).append(found)
            self.reasons.update(one.code for one in conflicts)
        report = self.report
        report.accepted += new
        report.quarantined += len(conflicts)
        report.duplicate += rows - new - len(conflicts)
        done = report.accepted + report.duplicate + report.quarantined + report.left_out
        self._advance(f"writing {report.file}", done, report.read)

    def _quarantine_conflicts(self) -> None:
        """Read the file again, as only it knows how the rows stood."""
        if not self._conflicts:
            return
        wanted = {part: np.concatenate(rows) for part, rows in self._conflicts.items()}
        for part, block in self.blocks():
            if part not in wanted:
                continue
            rows = block.frame["_row"].to_numpy()
            clashing = rows[np.isin(rows, wanted[part])].tolist()
            bad = [Rejection(row, "conflict", "event_id") for row in clashing]
            self._quarantine.add(bad, block, self.source.parts[part].name)

    def complete_report(self) -> FileReport:
        """Return the report with the reasons of rejected rows, and where they are."""
        report = super().complete_report()
        report.unwritten = self._quarantine.unwritten
        report.quarantine_file = str(self._quarantine.path) if self._quarantine.counts else None
        return report

    def _where(self) -> str:
        return f"read why in {self._quarantine.path}"

    def _record(self, status: str) -> None:
        self._quarantine.close()
        report = self.complete_report()
        self.load.registry.finish_ingest(
            self.number,
            rows_read=report.read,
            accepted=report.accepted,
            duplicate=report.duplicate,
            quarantined=report.quarantined,
            status=status,
            quarantine_counts=report.reasons,
        )

"""The load of one file: what is asked, what became of its rows, how it is recorded."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from engine.data.reading.read_options import ReadOptions
from engine.data.reading.rejection import Rejection
from engine.errors import FileRefused, TooManyBadRows
from engine.loading.quarantine import Quarantine
from engine.store.registry import Registry

BATCH_ROWS = 20_000
_ENOUGH_TO_JUDGE = 1_000
_MOST_DESCRIBED = 100_000
LoadProgress = Callable[[str, int], None]
"""Called with (name of the file, rows so far)."""


@dataclass(frozen=True)
class IngestRequest:
    """What to load and how to read it; see ``engine ingest --help``."""

    events: Path | None = None
    items: Path | None = None
    users: Path | None = None
    facts: Path | None = None
    reading: ReadOptions = field(default_factory=ReadOptions)
    head_type: str | None = None
    tail_type: str | None = None
    relation: str | None = None
    links: Path | None = None
    max_bad: float = 1.0
    batch_rows: int = BATCH_ROWS
    bulk: bool | None = None


@dataclass
class FileReport:
    """What became of the rows of one file."""

    file: str
    kind: str
    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    quarantine_file: str | None = None
    blank_lines: int = 0
    unused_columns: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return asdict(self)


class Load:
    """One file on its way into the graph."""

    def __init__(
        self, registry: Registry, request: IngestRequest, home: Path, advance: LoadProgress
    ) -> None:
        self.registry = registry
        self.request = request
        self.home = home
        self.advance = advance
        self.number = 0
        self.described: set[str] = set()

    def describe(self, items: Iterable[str]) -> None:
        """Remember items that were told something about; a whole catalogue waits for the night."""
        if len(self.described) < _MOST_DESCRIBED:
            self.described.update(items)

    def run(
        self, path: Path, kind: str, load: Callable[["Load", FileReport, Path, Quarantine], None]
    ) -> FileReport:
        """Carry out ``load`` on one file and record how it ended.

        Raises:
            FileRefused: The file cannot be read, or changed while it was.
            TooManyBadRows: More than ``max_bad`` of its rows were quarantined.
        """
        report = FileReport(path.name, kind)
        before = _fingerprint(path)
        self.number = self.registry.start_ingest(str(path), before[0], kind)
        status = "failed"
        with Quarantine(self.home / "quarantine", self.number, path) as quarantine:
            try:
                load(self, report, path, quarantine)
                self.check_bad(report, final=True)
                if _fingerprint(path) != before:
                    raise FileRefused(
                        f"{path.name} changed while it was read",
                        code="changed",
                        hint="run the same command again: what was loaded is recognised",
                    )
                status = "finished"
            finally:
                report.reasons = dict(quarantine.counts)
                report.quarantine_file = str(quarantine.path) if quarantine.counts else None
                self.registry.finish_ingest(
                    self.number,
                    rows_read=report.read,
                    accepted=report.accepted,
                    duplicate=report.duplicate,
                    quarantined=report.quarantined,
                    status=status,
                    quarantine_counts=report.reasons,
                )
        return report

    def count(self, report: FileReport, read: int, bad: list[Rejection], new: int) -> None:
        """Add a block to the report; what is neither new nor bad was a duplicate."""
        report.read += read
        report.accepted += new
        report.quarantined += len(bad)
        report.duplicate += read - new - len(bad)
        self.advance(report.file, report.read)
        self.check_bad(report, final=False)

    def fetched(self, done: int, total: int) -> None:
        """Show how much of the local Neo4j is downloaded, in bytes."""
        self.advance(f"fetching Neo4j, {total >> 20} MiB", done >> 20)

    def check_bad(self, report: FileReport, *, final: bool) -> None:
        """Stop a load with too many bad rows.

        Raises:
            TooManyBadRows: There are more than ``max_bad``; a few rows are judged at the end only.
        """
        allowed = self.request.max_bad
        judged = report.read >= _ENOUGH_TO_JUDGE or (final and report.read > 0)
        if judged and report.quarantined > allowed * report.read:
            raise TooManyBadRows(
                f"{report.quarantined} of {report.read} rows of {report.file} are bad, "
                f"more than {allowed:.0%}",
                hint=f"read why in {self.home / 'quarantine'}, mend the file and load it again",
            )


def _fingerprint(path: Path) -> tuple[str, int, int]:
    if not path.is_file():
        raise FileRefused(f"{path}: no such file", code="missing-file", hint="check the path")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    stat = path.stat()
    return digest, stat.st_size, stat.st_mtime_ns

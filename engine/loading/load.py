"""What a load is asked to do, and what became of the rows of each file."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from engine.connections.forgotten import ForgottenIds
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.reading_notes import ReadingNotes
from engine.data.sql_query import SqlQuery
from engine.loading.quarantine import Quarantine
from engine.store.registry import Registry

BATCH_ROWS = 20_000
_MOST_DESCRIBED = 100_000


@dataclass(frozen=True)
class IngestRequest:
    """What to load and how to read it; see ``engine ingest --help``.

    Attributes:
        queries: Kind, such as ``items``, to a query in place of a file.
        from_folder: Events in a folder of part files that grows: those that are new are read.
    """

    events: Path | None = None
    items: Path | None = None
    users: Path | None = None
    facts: Path | None = None
    reading: ReadOptions = field(default_factory=ReadOptions)
    head_type: str | None = None
    tail_type: str | None = None
    relation: str | None = None
    links: Path | None = None
    queries: Mapping[str, SqlQuery] = field(default_factory=dict)
    from_folder: Path | None = None
    max_bad: float = 1.0
    batch_rows: int = BATCH_ROWS
    bulk: bool | None = None

    @property
    def has_events(self) -> bool:
        """Whether there are events to load."""
        return bool(self.events or self.from_folder or "events" in self.queries)


@dataclass
class FileReport:
    """What became of the rows of one file, or of one folder of part files.

    Attributes:
        reasons: Code of a rejection (``rejection.CODES``) -> rows.
        examples: Code -> the first reason of its kind, with the value.
        unwritten: Quarantined rows that are not in the quarantine file, which is full.
        without_time: Events without a time.
        forgotten: Rows that name somebody who is forgotten (``engine forget``); written nowhere.
        past_limit: Events older than the setting ``event_days``; written nowhere.
        passed_over: Part files of a growing folder that are as they were when they were loaded.
        notes: What was understood of the file that it does not say.
    """

    file: str
    kind: str
    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)
    quarantine_file: str | None = None
    unwritten: int = 0
    blank_lines: int = 0
    without_time: int = 0
    forgotten: int = 0
    past_limit: int = 0
    passed_over: int = 0
    notes: ReadingNotes = field(default_factory=ReadingNotes)

    @property
    def left_out(self) -> int:
        """Rows that were counted and written nowhere, the quarantine included."""
        return self.forgotten + self.past_limit

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return asdict(self)

    def count_quarantine(self, quarantine: Quarantine) -> None:
        """Take over what the quarantine holds."""
        self.reasons = dict(quarantine.counts)
        self.examples = dict(quarantine.examples)
        self.unwritten = quarantine.unwritten
        self.quarantine_file = str(quarantine.path) if quarantine.counts else None


@dataclass
class Load:
    """One command's load of one or several files.

    Attributes:
        described: Items whose attributes or facts were loaded.
        oldest: Events from before this moment, epoch ms, are left out; None: none are.
    """

    registry: Registry
    request: IngestRequest
    home: Path
    advance: StageProgress = no_stage
    described: set[str] = field(default_factory=set)
    oldest: int | None = None

    @cached_property
    def forgotten(self) -> ForgottenIds:
        """Who is forgotten; asked for while the lock of loads is held, which forgetting takes."""
        return ForgottenIds(self.registry, self.home)

    def describe(self, items: Iterable[str]) -> None:
        """Remember items that were described; a whole catalogue waits for the night."""
        if len(self.described) < _MOST_DESCRIBED:
            self.described.update(items)

    def fetched(self, done: int, total: int) -> None:
        """Show how much of the local Neo4j is downloaded, in bytes."""
        self.advance("fetching Neo4j, MiB", done >> 20, total >> 20)

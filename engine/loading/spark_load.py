"""Load events with Spark: every part is validated by its own task, then what is new is written.

The rules, the counts and the quarantine are those of ``ingest``. A killed job leaves whole batches:
run again, it writes what is missing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path

from engine.config import Settings
from engine.connections.session import open_graph, open_registry
from engine.data.events import EventContract
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.reading.read_options import ReadOptions
from engine.errors import FileRefused
from engine.graph import spark_events
from engine.loading import spark_source
from engine.loading.load import FileReport, IngestRequest, Load
from engine.loading.load_events import check_kinds_are_few
from engine.loading.locks import one_load_at_a_time
from engine.loading.part_outcome import PartOutcome
from engine.loading.quarantine import Quarantine
from engine.loading.row_account import RowAccount
from engine.loading.spark_parts import EVENTS, STAGED, TOLD, SparkParts, first_of_each_key
from engine.loading.spark_source import SparkSource
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry
from engine.store.spark_cluster import SparkSettings, spark_cluster
from engine.store.spark_table import SparkTable

BATCH_ROWS = 10_000
WRITERS = 4


@dataclass(frozen=True)
class SparkLoadRequest:
    """What to load with Spark.

    Attributes:
        events: A path that every executor sees, or an address of the cluster's own.
        reading: How the files are read.
        max_bad: Stop above this share of bad rows, 0 to 1.
        writers: How many tasks write into Neo4j at a time, each some users' events.
        batch_rows: Events of one transaction at most.
    """

    events: str
    reading: ReadOptions = field(default_factory=ReadOptions)
    max_bad: float = 1.0
    writers: int = WRITERS
    batch_rows: int = BATCH_ROWS


def load_with_spark(
    settings: Settings,
    request: SparkLoadRequest,
    spark: SparkSettings,
    advance: StageProgress = no_stage,
) -> FileReport:
    """Load events by one Spark job, and return what became of their rows.

    Raises:
        FileRefused: A part cannot be used; nothing is written.
        TooManyBadRows: More than ``max_bad`` of the rows are bad; nothing is written.
        NothingAccepted: No row could be taken.
        ConfigError: Spark cannot be started.
        StoreError: The job failed; the same command again adds what is missing.
        Busy: Another load of this home does not end.
    """
    EventContract.of({}, request.reading)  # a wrong option is known before Spark starts
    with one_load_at_a_time(settings), open_registry(settings) as registry:
        asked = IngestRequest(reading=request.reading, max_bad=request.max_bad)
        load = Load(registry, asked, settings.home, advance)
        parts = partial(
            SparkParts,
            request=asked,
            forgotten=load.forgotten.snapshot(),
            oldest=settings.oldest_event(),
        )
        with spark_cluster(spark, load.fetched) as cluster:
            source = spark_source.find(cluster, request.events)
            job = parts(source=source.files, numbers=source.numbers)
            table = source.table(cluster)
            with table.mapped(job.validated, STAGED).kept() as staged:
                advance(f"reading {source.files.name}", 0, 0)
                digest = _digest(source, staged)
                number = registry.start_ingest(source.origin, digest, "events")
                quarantine = Quarantine(
                    settings.home / "quarantine", number, Path(source.files.name)
                )
                account = _SparkAccount(source, request.max_bad, quarantine)
                with account.recorded(registry, number):
                    account.take(staged)
                    with open_graph(settings, load.fetched) as graph:
                        advance(f"writing {source.files.name}", 0, account.events)
                        _write(graph, staged, number, request)
                        account.report.accepted = spark_events.written(graph, number)
                        if account.with_ids:
                            work = partial(job.conflicts, graph.target, account.with_ids)
                            account.take_conflicts(table.mapped(work, STAGED))
                return account.complete_report()


def _write(graph: GraphClient, staged: SparkTable, number: int, request: SparkLoadRequest) -> None:
    """Write each event once, where its key is not in the graph."""
    by_key = staged.where(f"NOT ({TOLD})").together_by("key", ("key", "part", "row"))
    once = by_key.mapped(partial(first_of_each_key, number), EVENTS)
    # A user's events are in one task, so that writers contend for items only.
    by_user = once.shared_by("user", request.writers)
    by_user.write_by_query(graph.target, spark_events.write_statement(), request.batch_rows)


def _digest(source: SparkSource, staged: SparkTable) -> str:
    """Validate every part, and return the SHA-256 of all of them."""
    rows = staged.where(TOLD).sorted_by("part").rows()
    digests = [str(row["digest"]) for row in rows]
    return digests[0] if len(digests) == 1 else sha256("\n".join(digests).encode()).hexdigest()


class _SparkAccount(RowAccount):
    """What became of the rows, as the tasks told."""

    def __init__(self, source: SparkSource, max_bad: float, quarantine: Quarantine) -> None:
        super().__init__(source.files.name, "events", max_bad)
        self.with_ids: set[int] = set()
        self._source, self._quarantine = source, quarantine

    @property
    def events(self) -> int:
        """How many rows are events, those that stand twice among them."""
        report = self.report
        return report.read - report.quarantined - report.left_out

    def take(self, staged: SparkTable) -> None:
        """Take over what the tasks told of every part.

        Raises:
            FileRefused: A part cannot be used.
            TooManyBadRows: Too many of all rows are bad.
            NothingAccepted: All of them are.
        """
        refusals, kinds, column = list[FileRefused](), set[str](), ""
        for number, one in _outcomes(staged):
            if refusal := one.refusal():
                refusals.append(refusal)
                continue
            kinds.update(one.kinds)
            column = one.column
            if one.has_ids:
                self.with_ids.add(number)
            self._add(one.report)
            one.bad.put_into(self._quarantine, self._source.files.parts[number].name)
        if refusals:
            raise refusals[0]
        check_kinds_are_few(kinds, self.report.file, column)
        self.check_bad(final=True)
        self._source.check_unchanged()
        self.check_accepted()

    def take_conflicts(self, found: SparkTable) -> None:
        """Take over which rows have an event id that stands for another event.

        Raises:
            NothingAccepted: All rows do, or are bad.
        """
        for number, one in _outcomes(found):
            self.reasons.update(one.report.reasons)
            self.report.quarantined += sum(one.report.reasons.values())
            one.bad.put_into(self._quarantine, self._source.files.parts[number].name)
        self.check_accepted()

    @contextmanager
    def recorded(self, registry: Registry, number: int) -> Iterator[None]:
        """Record how the load ends."""
        status = "interrupted"
        try:
            yield
            status = "finished"
        except Exception:
            status = "failed"
            raise
        finally:
            self._quarantine.close()
            report = self.complete_report()
            registry.finish_ingest(
                number,
                rows_read=report.read,
                accepted=report.accepted,
                duplicate=report.duplicate,
                quarantined=report.quarantined,
                status=status,
                quarantine_counts=report.reasons,
            )

    def complete_report(self) -> FileReport:
        """Return the report; what was neither written nor is bad was there before."""
        report = super().complete_report()
        report.duplicate = self.events - report.accepted
        report.unwritten = self._quarantine.unwritten
        report.quarantine_file = str(self._quarantine.path) if self._quarantine.counts else None
        return report

    def _add(self, part: FileReport) -> None:
        report = self.report
        for name in ("read", "quarantined", "blank_lines", "without_time", "forgotten"):
            setattr(report, name, getattr(report, name) + getattr(part, name))
        report.past_limit += part.past_limit
        self.reasons.update(part.reasons)
        report.examples = {**part.examples, **report.examples}  # the first of its kind counts
        kinds = {**report.notes.kinds, **part.notes.kinds}
        report.notes = part.notes
        report.notes.kinds = kinds

    def _where(self) -> str:
        return f"read why in {self._quarantine.path}"


def _outcomes(table: SparkTable) -> Iterator[tuple[int, PartOutcome]]:
    for row in table.where(TOLD).sorted_by("part").rows():
        yield row["part"], PartOutcome.of_text(row["outcome"])

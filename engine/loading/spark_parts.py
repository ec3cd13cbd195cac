"""The part files of a Spark load: a task reads whole files, by the rules of every load.

This runs on the executors: each needs the engine's core installed.
"""

import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from engine.connections.forgotten import Tombstones
from engine.data.dislikes import DISLIKE_KINDS
from engine.data.reading.block import Block
from engine.data.reading.rejection import Rejection
from engine.errors import FileRefused
from engine.graph import aliases, event_writes
from engine.loading.event_writer import CONTENT, compare
from engine.loading.file_validation import FileValidation
from engine.loading.load import FileReport, IngestRequest
from engine.loading.load_events import validate_events
from engine.loading.part_outcome import PartOutcome, RejectedRows
from engine.loading.source_files import SourceFiles
from engine.loading.staging import StagedRows
from engine.store.graph_client import GraphClient, Neo4jTarget

_EVENT = {
    "user": (pa.string(), "string"),
    "item": (pa.string(), "string"),
    "event": (pa.string(), "string"),
    "at": (pa.int64(), "bigint"),
    "weight": (pa.float64(), "double"),
    "basket": (pa.string(), "string"),
    "list": (pa.string(), "string"),
    "position": (pa.int64(), "bigint"),
    "key": (pa.int64(), "bigint"),
}
_PLACE = {"part": (pa.int64(), "bigint"), "row": (pa.int64(), "bigint")}
_TOLD = {"digest": (pa.string(), "string"), "outcome": (pa.string(), "string")}
_STAGED = _PLACE | _EVENT | _TOLD
STAGED = ", ".join(f"{name} {kind}" for name, (_, kind) in _STAGED.items())
"""Columns of events, and of one row for each part without an event that says what became of it."""
TOLD = "outcome IS NOT NULL"
_STAGED_SCHEMA = pa.schema([(name, kind) for name, (kind, _) in _STAGED.items()])


class _PartValidation(FileValidation):
    """The validation of one part, whose events wait on the executor's disk."""

    def __init__(self, request: IngestRequest, source: SourceFiles, rows: StagedRows) -> None:
        # What share of the rows is bad is judged where all of them are counted.
        super().__init__(replace(request, max_bad=1.0), "events", source)
        self.rows, self.kinds, self.has_ids = rows, set[str](), False
        self.bad = RejectedRows()

    @property
    def digest(self) -> str:
        """The SHA-256 of the part."""
        return self._before[0]

    def add_block(
        self, part: int, block: Block, bad: Sequence[Rejection], passed: pl.DataFrame
    ) -> None:
        self.rows.add(passed, part)
        self.bad.add(bad, block)
        self.kinds.update(passed["event"].unique())
        self.has_ids |= passed["event_id"].null_count() < len(passed)
        super().add_block(part, block, bad, passed)


class _ConflictSearch(FileValidation):
    """Finds the rows of a part whose event id stands for another event in the graph."""

    def __init__(self, request: IngestRequest, source: SourceFiles, graph: GraphClient) -> None:
        super().__init__(replace(request, max_bad=1.0), "events", source)
        self._graph = graph
        self.bad = RejectedRows()

    def add_block(
        self, part: int, block: Block, bad: Sequence[Rejection], passed: pl.DataFrame
    ) -> None:
        passed = aliases.resolved(self._graph, passed)
        known = event_writes.known_events(self._graph, passed["key"].to_list())
        _, conflicts = compare(passed.select(CONTENT).iter_rows(), known)
        self.bad.add(conflicts, block)
        self.reasons.update(one.code for one in conflicts)


@dataclass(frozen=True)
class SparkParts:
    """The parts of a source, and how they are read; it travels to every executor.

    Attributes:
        source: All parts.
        request: How they are read.
        forgotten: Whose rows are left out.
        oldest: Events from before this moment, epoch ms, are left out; None: none are.
        numbers: Address of a part, where its content comes with the row -> its number.
    """

    source: SourceFiles
    request: IngestRequest
    forgotten: Tombstones | None = None
    oldest: int | None = None
    numbers: Mapping[str, int] = field(default_factory=dict)

    def validated(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the events of parts, and after those of each what became of it (``STAGED``)."""
        for number, source in self._chosen(batches):
            with tempfile.TemporaryDirectory(prefix="engine-spark-") as folder:
                yield from self._validate(number, source, StagedRows(Path(folder) / "rows.arrow"))

    def conflicts(
        self, target: Neo4jTarget, parts: Collection[int], batches: Iterable[pa.RecordBatch]
    ) -> Iterator[pa.RecordBatch]:
        """Yield of some parts the rows whose event id stands for another event (``STAGED``)."""
        with GraphClient(target) as graph:
            for number, source in self._chosen(batches, parts):
                search = _ConflictSearch(self.request, source, graph)
                self._validate_events(search)
                report = FileReport(source.name, "events", reasons=dict(search.reasons))
                yield _told(number, "", PartOutcome(report, bad=search.bad))

    def _validate(
        self, number: int, source: SourceFiles, rows: StagedRows
    ) -> Iterator[pa.RecordBatch]:
        outcome, digest = PartOutcome(FileReport(source.name, "events")), ""
        try:
            part = _PartValidation(self.request, source, rows)
            outcome.report, digest = part.report, part.digest
            self._validate_events(part)
            part.check_unchanged()
            report = part.complete_report()
            column = report.notes.fields.get("event", "event")
            outcome = PartOutcome(report, column, sorted(part.kinds), part.has_ids, part.bad)
        except FileRefused as error:
            outcome.refused = (error.message, error.code, error.hint)
        if outcome.refused is None:
            for _, frame in rows.batches():
                yield _staged(frame, number)
        yield _told(number, digest, outcome)

    def _validate_events(self, part: FileValidation) -> None:
        part.forgotten, part.oldest = self.forgotten, self.oldest
        validate_events(part)

    def _chosen(
        self, batches: Iterable[pa.RecordBatch], parts: Collection[int] | None = None
    ) -> Iterator[tuple[int, SourceFiles]]:
        """Yield number and file of the parts that a task was given; of some parts, None: of all."""
        for batch in batches:
            sent = "content" in batch.schema.names
            for place, name in enumerate(batch.column("path" if sent else "id").to_pylist()):
                number = self.numbers[name] if sent else name
                if parts is not None and number not in parts:
                    continue
                if not sent:
                    yield number, replace(self.source, parts=(self.source.parts[number],))
                    continue
                with self._copied(number, batch.column("content")[place].as_buffer()) as source:
                    yield number, source

    @contextmanager
    def _copied(self, number: int, content: pa.Buffer) -> Iterator[SourceFiles]:
        """Lend a part whose content was sent, as a file of this machine."""
        part = self.source.parts[number]
        with tempfile.TemporaryDirectory(prefix="engine-spark-") as folder:
            root = path = Path(folder) / self.source.path.name
            if part.path.parts[1:]:  # it lies in a folder, whose suffix counts too
                root.mkdir()
                path = root / part.path.name
            path.write_bytes(content)
            yield replace(self.source, path=root, parts=(replace(part, path=path),))


def first_of_each_key(
    load: int, job: str, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Yield of rows that are sorted by key the first with each (``EVENTS``)."""
    last: int | None = None
    for batch in batches:
        keys = pl.Series(batch.column("key"))
        if not len(keys):
            continue
        first = (keys != keys.shift(1)).fill_null(value=keys[0] != last)
        last = keys[-1]
        kept = pa.Table.from_batches([batch]).filter(pa.array(first.to_numpy()))
        columns = [kept.column(name) for name in _EVENT]
        columns.append(pa.array([load] * len(kept), pa.int64()))
        columns.append(pa.array([job] * len(kept), pa.string()))
        columns.append(pc.is_in(kept.column("event"), pa.array(DISLIKE_KINDS)))
        yield from pa.table(columns, schema=_EVENTS_SCHEMA).to_batches()


_EVENTS = _EVENT | {
    "load": (pa.int64(), "bigint"),
    "job": (pa.string(), "string"),
    "disliked": (pa.bool_(), "boolean"),
}
EVENTS = ", ".join(f"{name} {kind}" for name, (_, kind) in _EVENTS.items())
"""Columns of events to be written, with the load's number, the job's own name, and whether each is
a dislike."""
_EVENTS_SCHEMA = pa.schema([(name, kind) for name, (kind, _) in _EVENTS.items()])


def _staged(frame: pl.DataFrame, number: int) -> pa.RecordBatch:
    told = (pl.lit(None, dtype=pl.String).alias(name) for name in _TOLD)
    whole = frame.with_columns(*told, part=pl.lit(number, dtype=pl.Int64)).select(*_STAGED)
    return whole.to_arrow().cast(_STAGED_SCHEMA).combine_chunks().to_batches()[0]


def _told(number: int, digest: str, outcome: PartOutcome) -> pa.RecordBatch:
    row = {"part": number, "digest": digest, "outcome": outcome.as_text()}
    return pa.RecordBatch.from_pylist([row], schema=_STAGED_SCHEMA)

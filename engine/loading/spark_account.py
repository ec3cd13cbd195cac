"""What became of the rows of a Spark load: what its tasks told of their parts, as one report."""

from collections.abc import Iterator
from pathlib import Path

from engine.errors import FileRefused
from engine.loading.load import FileReport, Load
from engine.loading.load_events import check_kinds_are_few
from engine.loading.part_outcome import PartOutcome
from engine.loading.quarantine import Quarantine
from engine.loading.row_account import RowAccount
from engine.loading.spark_parts import TOLD
from engine.loading.spark_source import SparkSource
from engine.store.spark_table import SparkTable


class SparkAccount(RowAccount):
    """What became of the rows, as the tasks told; a context manager that records how it ends.

    Args:
        load: The load that it is of.
        source: What is read.
        number: Of the load in the registry.

    Attributes:
        with_ids: Numbers of the parts with events that brought ids of their own.
        written: How many events are in the graph by this load; None: nobody knows.
    """

    def __init__(self, load: Load, source: SparkSource, number: int) -> None:
        super().__init__(source.files.name, "events", load.request.max_bad)
        self.with_ids: set[int] = set()
        self.written: int | None = None
        self._registry, self._source, self._number = load.registry, source, number
        folder = load.home / "quarantine"
        self._quarantine = Quarantine(folder, number, Path(source.files.name))

    def __enter__(self) -> "SparkAccount":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        self._quarantine.close()
        failed = "failed" if kind and issubclass(kind, Exception) else "interrupted"
        report = self.complete_report()
        self._registry.finish_ingest(
            self._number,
            rows_read=report.read,
            accepted=report.accepted,
            duplicate=report.duplicate,
            quarantined=report.quarantined,
            status=failed if kind else "finished",
            quarantine_counts=report.reasons,
        )

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

    def complete_report(self) -> FileReport:
        """Return the report; what was neither written nor is bad was there before."""
        report = super().complete_report()
        if self.written is not None:
            report.accepted = self.written
            report.duplicate = self.events - self.written
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

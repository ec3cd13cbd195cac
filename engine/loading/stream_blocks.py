"""Blocks of a stream: judged as those of a file are, but one that names no column is not the end.

A file without a column of users would be refused; of a stream such rows are set aside, and it goes
on.
"""

from dataclasses import dataclass
from types import TracebackType

import polars as pl

from engine.connections.forgotten import ForgottenIds
from engine.data.reading.block import Block
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.rejection import Rejection
from engine.errors import FileRefused
from engine.loading.forgotten_rows import IdColumns, leave_out
from engine.loading.load import FileReport
from engine.loading.load_events import assigned, validate_block
from engine.loading.quarantine import Quarantine
from engine.store.registry import Registry


@dataclass(frozen=True)
class StreamBlock:
    """A judged block: its events, None where no row names a user and an item, and what is bad."""

    block: Block
    events: pl.DataFrame | None
    bad: list[Rejection]


def judge(
    block: Block, reading: ReadOptions, forgotten: ForgottenIds, oldest: int | None = None
) -> StreamBlock:
    """Judge every row of a block, without those of who is forgotten by now.

    Args:
        block: Rows of a stream.
        reading: How they are read.
        forgotten: Who is forgotten.
        oldest: Events from before this moment, epoch ms, are left out; None: none are.
    """
    ids: IdColumns = {}
    try:
        columns = assigned(block.header, reading)
        ids = {"user": [columns["user_id"]], "item": [columns["item_id"]]}
    except FileRefused:
        pass  # told below, row by row
    known = leave_out(block, ids, forgotten.refresh())
    try:
        one = validate_block(known, reading, oldest=oldest)
    except FileRefused as refusal:
        rows = known.frame["_row"]
        lacking = [Rejection(row, "required-value", refusal.message) for row in rows]
        return StreamBlock(known, None, [*known.broken, *lacking])
    return StreamBlock(one.block, one.events, one.bad)


class StreamLoad:
    """A load without an end of its own, which the registry keeps as one; a context manager.

    Args:
        registry: Where it is recorded.
        number: Of the load there.
        report: Sums of what became of the rows.
        quarantine: Where bad ones go.
    """

    def __init__(
        self, registry: Registry, number: int, report: FileReport, quarantine: Quarantine
    ) -> None:
        self.number, self.report = number, report
        self._registry, self._quarantine = registry, quarantine
        self._status = "failed"

    def __enter__(self) -> "StreamLoad":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._quarantine.close()
        total = self.report
        total.count_quarantine(self._quarantine)
        self._registry.finish_ingest(
            self.number,
            rows_read=total.read,
            accepted=total.accepted,
            duplicate=total.duplicate,
            quarantined=total.quarantined,
            status=self._status,
            quarantine_counts=total.reasons,
        )

    def finish(self) -> None:
        """Note that it ended as it should."""
        self._status = "finished"

    def add(
        self, one: StreamBlock, new: int, conflicts: list[Rejection], source: str | None = None
    ) -> None:
        """Account for a block that is written: how many events were new, and which clash."""
        bad, total, block = [*one.bad, *conflicts], self.report, one.block
        self._quarantine.add(bad, block, source)
        total.blank_lines += block.blank_lines
        total.read += block.read
        total.accepted += new
        total.quarantined += len(bad)
        total.forgotten += block.forgotten
        total.past_limit += block.past_limit
        total.duplicate += block.read - block.left_out - new - len(bad)

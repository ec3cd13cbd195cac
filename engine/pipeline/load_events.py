"""Load events: read and judge in one thread, write in others, account for every row.

May import: ``load``, ``event_writer``, ``data``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl

from engine.data import columns, events
from engine.data.ahead import ahead
from engine.data.events import EventContract
from engine.data.rejection import Rejection
from engine.data.table_reader import Block, read_blocks
from engine.pipeline.event_writer import EventWriter
from engine.pipeline.load import FileReport, IngestRequest, Load
from engine.pipeline.quarantine import Quarantine
from engine.store.graph_client import GraphClient


class Judged(NamedTuple):
    """A block, its events and its rejected rows."""

    block: Block
    contract: EventContract
    events: pl.DataFrame
    bad: list[Rejection]


def load_events(
    graph: GraphClient, load: Load, report: FileReport, path: Path, quarantine: Quarantine
) -> None:
    """Load the events of a file; the users and items of them are created where they are new."""
    size = load.request.batch_rows
    with EventWriter(graph, load.number) as writer:
        for block, contract, frame, faults in ahead(judged_blocks(path, load.request)):
            new, bad = 0, list(faults)
            named = "event_id" in contract.columns
            for start in range(0, len(frame), size):
                written = writer.write(frame.slice(start, size), named=named)
                bad += written.conflicts
                new += written.new
            quarantine.add(bad, block)
            report.blank_lines += block.blank_lines
            report.unused_columns = columns.unused(block.header, contract.columns)
            load.count(report, block.read, bad, new)


def judged_blocks(path: Path, request: IngestRequest) -> Iterator[Judged]:
    """Yield the blocks of a file with every row judged.

    Raises:
        FileRefused: The file cannot be read, or lacks a column it needs.
    """
    for block in read_blocks(path, request.format, request.columns):
        # A later block of JSON lines can have columns that the first one lacked.
        chosen = {k: v for k, v in request.mapping.items() if k in columns.EVENT_FIELDS}
        assigned = columns.assign(
            block.header, columns.EVENT_FIELDS, columns.EVENT_REQUIRED, chosen
        )
        contract = EventContract(assigned, request.default_event, request.allowed_events)
        frame, bad = events.validate(block, contract)
        yield Judged(block, contract, frame, bad)

"""Load events: read and judge in one thread, write in others, account for every row."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl

from engine.data import events
from engine.data.events import EventContract
from engine.data.read_ahead import prefetch_one
from engine.data.reading import columns
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.rejection import Rejection
from engine.data.reading.table_reader import Block, read_blocks
from engine.loading.event_writer import EventWriter, PendingWrite
from engine.loading.load import FileReport, Load
from engine.loading.quarantine import Quarantine
from engine.store.graph_client import GraphClient


class ValidatedBlock(NamedTuple):
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

    def settle(block_of: ValidatedBlock, writings: list[PendingWrite]) -> None:
        block, contract, _, faults = block_of
        done = [writing.result() for writing in writings]
        bad = faults + [conflict for one in done for conflict in one.conflicts]
        quarantine.add(bad, block)
        report.blank_lines += block.blank_lines
        report.unused_columns = columns.unused(block.header, contract.columns)
        load.count(report, block.read, bad, sum(one.new for one in done))

    with EventWriter(graph, load.number) as writer:
        waiting: deque[tuple[ValidatedBlock, list[PendingWrite]]] = deque()
        for one in prefetch_one(validated_blocks(path, load.request.reading)):
            write = writer.write_named if "event_id" in one.contract.columns else writer.write
            slices = [one.events.slice(at, size) for at in range(0, len(one.events), size)]
            waiting.append((one, [write(rows) for rows in slices]))
            # While one block is written the next is judged, and its nodes are created.
            if len(waiting) > 1:
                settle(*waiting.popleft())
        for rest in waiting:
            settle(*rest)


def validated_blocks(path: Path, options: ReadOptions) -> Iterator[ValidatedBlock]:
    """Yield the blocks of a file with every row judged.

    Raises:
        FileRefused: The file cannot be read, or lacks a column it needs.
    """
    for block in read_blocks(path, options.of("events")):
        yield validate_block(block, options)


def validate_block(block: Block, options: ReadOptions) -> ValidatedBlock:
    """Judge every row of a block.

    Raises:
        FileRefused: It lacks a column it needs.
    """
    # A later block of JSON lines can have columns that the first one lacked.
    chosen = {k: v for k, v in options.mapping.items() if k in columns.EVENT_FIELDS}
    assigned = columns.assign(block.header, columns.EVENT_FIELDS, columns.EVENT_REQUIRED, chosen)
    contract = EventContract(assigned, options.default_event, options.allowed_events)
    frame, bad = events.validate(block, contract)
    return ValidatedBlock(block, contract, frame, bad)

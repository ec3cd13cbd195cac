"""Load events: validate every row of a file, then write what is new."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl

from engine.data import events
from engine.data.events import EventContract
from engine.data.read_ahead import prefetch_one
from engine.data.reading import columns
from engine.data.reading.block import Block
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.rejection import Rejection
from engine.loading import source_files
from engine.loading.event_writer import EventWriter, PendingWrite
from engine.loading.file_load import FileLoad
from engine.loading.file_validation import FileValidation
from engine.store.graph_client import GraphClient


class ValidatedBlock(NamedTuple):
    """A block, its events and its rejected rows; ``part`` is the number of its file."""

    block: Block
    contract: EventContract
    events: pl.DataFrame
    bad: list[Rejection]
    part: int = 0


def validate_events(file: FileValidation) -> None:
    """Validate every row of a file of events.

    Raises:
        FileRefused: The file cannot be read, or lacks a column it needs.
        TooManyBadRows: More than ``max_bad`` of its rows are bad.
    """
    options = file.request.reading
    for one in prefetch_one(validate_block(block, options, part) for part, block in file.blocks()):
        file.add_block(one.part, one.block, one.bad, one.events)
        file.used(one.block, one.contract.columns)
        file.report.without_time += one.events["at"].null_count()


def write_events(graph: GraphClient, file: FileLoad) -> None:
    """Write the validated events; the users and items of them are created where they are new."""
    size = file.request.batch_rows

    def account(part: int, rows: int, writings: list[PendingWrite]) -> None:
        done = [writing.result() for writing in writings]
        conflicts = [conflict for one in done for conflict in one.conflicts]
        file.add_written(part, rows, sum(one.new for one in done), conflicts)

    with EventWriter(graph, file.number) as writer:
        waiting: deque[tuple[int, int, list[PendingWrite]]] = deque()
        for part, frame in file.rows.batches():
            named = frame["event_id"].null_count() < len(frame)
            write = writer.write_named if named else writer.write
            slices = [frame.slice(at, size) for at in range(0, len(frame), size)]
            waiting.append((part, len(frame), [write(rows) for rows in slices]))
            # While one batch is written the nodes of the next are created.
            if len(waiting) > 1:
                account(*waiting.popleft())
        for rest in waiting:
            account(*rest)


def validated_blocks(path: Path, options: ReadOptions) -> Iterator[ValidatedBlock]:
    """Yield the blocks of a file, or of a folder of part files, with every row validated.

    Raises:
        FileRefused: The file cannot be read, or lacks a column it needs.
    """
    source = source_files.find(path)
    for part, block in source_files.part_blocks(source, options.of("events"), "events"):
        yield validate_block(block, options, part)


def validate_block(block: Block, options: ReadOptions, part: int = 0) -> ValidatedBlock:
    """Validate every row of a block.

    Raises:
        FileRefused: It lacks a column it needs.
    """
    # A later block of JSON lines can have columns that the first one lacked.
    chosen = {k: v for k, v in options.mapping.items() if k in columns.EVENT_FIELDS}
    assigned = columns.assign(block.header, columns.EVENT_FIELDS, columns.EVENT_REQUIRED, chosen)
    contract = EventContract(assigned, options.default_event, options.allowed_events)
    frame, bad = events.validate(block, contract)
    return ValidatedBlock(block, contract, frame, bad, part)

"""Load events: validate every row of a file, then write what is new."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import polars as pl

from engine.data import events
from engine.data.events import EventContract
from engine.data.read_ahead import prefetch_one
from engine.data.reading import columns
from engine.data.reading.block import Block
from engine.data.reading.part_names import refusals_of
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.rejection import Rejection
from engine.errors import FileRefused
from engine.loading import source_files
from engine.loading.event_writer import EventWriter, PendingWrite
from engine.loading.file_load import FileLoad
from engine.loading.file_validation import FileValidation
from engine.store.graph_client import GraphClient

MAX_KINDS = 1_000
"""Of event in one file; a column with more of them holds something else."""


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

    def known(block: Block) -> Block:
        found = assigned(block.header, options, block.fields_within)
        file.alternatives = columns.alternatives(
            block.header, columns.EVENT_FIELDS, columns.EVENT_REQUIRED, found
        )
        return file.remembered(block, {"user": [found["user_id"]], "item": [found["item_id"]]})

    read = file.blocks(lambda header: assigned(header, options).values())
    blocks = ((part, known(block)) for part, block in read)
    for one in prefetch_one(_validated(blocks, options, file.source.name, file.oldest)):
        notes = file.report.notes
        notes.of_fields(one.block, one.contract.columns, options)
        notes.of_kinds(events.folded_kinds(one.block, one.contract))
        file.add_block(one.part, one.block, one.bad, one.events)
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
        FileRefused: The file cannot be read, lacks a column it needs, or the column of the kinds of
            event holds something else.
        UsageError: The options name a kind of event that cannot be one.
    """
    source = source_files.find(path)

    def choose(header: Sequence[str]) -> Collection[str]:
        return assigned(header, options).values()

    blocks = source_files.part_blocks(source, options.of("events"), "events", choose)
    with refusals_of(source.name):
        yield from _validated(blocks, options, source.name)


def _validated(
    blocks: Iterable[tuple[int, Block]],
    options: ReadOptions,
    name: str,
    oldest: int | None = None,
) -> Iterator[ValidatedBlock]:
    kinds: set[str] = set()
    for part, block in blocks:
        one = validate_block(block, options, part, oldest)
        kinds.update(one.events["event"].unique())
        check_kinds_are_few(kinds, name, one.contract.columns.get("event", ""))
        yield one


def check_kinds_are_few(kinds: Collection[str], name: str, column: str) -> None:
    """Refuse a source with too many kinds of event.

    Args:
        kinds: All of them.
        name: Of the source.
        column: That they stand in.

    Raises:
        FileRefused: It holds something else.
    """
    if len(kinds) > MAX_KINDS:
        raise FileRefused(
            f"{name}: column {column!r} holds more than {MAX_KINDS} kinds of event",
            code="kinds",
            hint=f"name the right one: --map event=COLUMN; or leave it out: --skip '{column}'",
        )


def validate_block(
    block: Block, options: ReadOptions, part: int = 0, oldest: int | None = None
) -> ValidatedBlock:
    """Validate every row of a block.

    Args:
        block: Rows of a file.
        options: How it is read.
        part: Number of its file.
        oldest: Sound events from before this moment, epoch ms, are counted and left out.

    Raises:
        FileRefused: It lacks a column it needs.
        UsageError: The options name a kind of event that cannot be one.
    """
    # A later block of JSON lines can have columns that the first one lacked.
    contract = EventContract.of(assigned(block.header, options, block.fields_within), options)
    frame, bad = events.validate(block, contract)
    if oldest is None:
        return ValidatedBlock(block, contract, frame, bad, part)
    kept = frame.filter(~past_limit(frame, oldest))
    counted = replace(block, past_limit=len(frame) - len(kept))
    return ValidatedBlock(counted, contract, kept, bad, part)


def past_limit(events: pl.DataFrame, oldest: int) -> pl.Series:
    """Tell of each event whether it is from before a moment, epoch ms; without a time it is not."""
    return (events["at"] < oldest).fill_null(value=False)


def assigned(
    header: Sequence[str], options: ReadOptions, within: Sequence[str] = ()
) -> dict[str, str]:
    """Return field -> column of a file of events; see ``columns.assign``.

    Raises:
        FileRefused: A field that must have a column has none, or two.
    """
    chosen = {k: v for k, v in options.mapping.items() if k in columns.EVENT_FIELDS}
    return columns.assign(
        header, columns.EVENT_FIELDS, columns.EVENT_REQUIRED, chosen, options.skip, within
    )

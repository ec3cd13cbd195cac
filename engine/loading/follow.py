"""Follow a stream of events: each is in the graph moments after its line was written.

A batch is written whole before its place in the file is noted, and events that are there already
are recognised, so a process that is killed and started again loses nothing and counts nothing
twice.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from engine import private_files
from engine.config import Settings
from engine.connections.forgotten import ForgottenIds
from engine.data.reading.block import Block
from engine.data.reading.line_formats import JsonLines
from engine.data.reading.line_stream import Line, LineStream
from engine.data.reading.rejection import Rejection
from engine.data.reading.text_stream import Piece
from engine.errors import Busy, FileRefused
from engine.loading.event_writer import EventWriter
from engine.loading.forgotten_rows import IdColumns, leave_out
from engine.loading.load import FileReport, IngestRequest
from engine.loading.load_events import assigned, validate_block
from engine.loading.locks import one_load_at_a_time
from engine.loading.quarantine import Quarantine
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

BATCH_LINES = 1_000
WAIT_SECONDS = 0.2


@dataclass(frozen=True)
class FollowPosition:
    """How far a file has been followed: bytes of which source (``Line.source``)."""

    end: int = 0
    source: str = ""


def follow(
    graph: GraphClient,
    registry: Registry,
    settings: Settings,
    request: IngestRequest,
    pipe: BinaryIO | None = None,
    *,
    report: Callable[[FileReport], None] = lambda _report: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> FileReport:
    """Load JSON lines as they come, until the pipe ends or ``should_stop`` says so.

    Args:
        graph: Where to.
        registry: Where the load is recorded.
        settings: Which home.
        request: Its ``events`` is the file to follow; None: ``pipe``.
        pipe: Where lines come from without a file.
        report: Called after every batch.
        should_stop: Asked between batches.

    Raises:
        FileRefused: There is no such file.
    """
    path = request.events
    notes = settings.home / "follow" / f"{_name(path)}.json"
    place = _place(notes) if path is not None else FollowPosition()
    total = FileReport(path.name if path else "-", "events")
    forgotten = ForgottenIds(registry, settings.home)
    with LineStream(path, pipe, start=place.end, of=place.source) as stream:
        number = registry.start_ingest(str(path or "-"), "", "events")
        source = Path(path.name if path else "stream")
        status = "failed"
        with Quarantine(settings.home / "quarantine", number, source) as quarantine:
            lines = JsonLines()
            try:
                for batch in stream.batches(BATCH_LINES, WAIT_SECONDS):
                    if batch:
                        with one_load_at_a_time(settings, should_stop):
                            read, sums = (lines, batch), (total, quarantine)
                            _write(
                                graph,
                                number,
                                request,
                                read,
                                sums,
                                forgotten,
                                settings.oldest_event(),
                            )
                        if path is not None:
                            _note(notes, FollowPosition(batch[-1].end, batch[-1].source))
                        report(total)
                    if should_stop():
                        break
                status = "finished"
            except Busy:
                if path is None or not should_stop():
                    raise
                status = "finished"  # the batch that waited for another load comes again
            finally:
                _record(registry, (number, status), total, quarantine)
    return total


def _record(
    registry: Registry, ended: tuple[int, str], total: FileReport, quarantine: Quarantine
) -> None:
    """Record how the load ended: its number and its status."""
    total.count_quarantine(quarantine)
    number, status = ended
    registry.finish_ingest(
        number,
        rows_read=total.read,
        accepted=total.accepted,
        duplicate=total.duplicate,
        quarantined=total.quarantined,
        status=status,
        quarantine_counts=total.reasons,
    )


def _write(
    graph: GraphClient,
    number: int,
    request: IngestRequest,
    read: tuple[JsonLines, list[Line]],
    sums: tuple[FileReport, Quarantine],
    forgotten: ForgottenIds,
    oldest: int | None,
) -> None:
    """Write one batch of lines and count what became of them."""
    (lines, batch), (total, quarantine) = read, sums
    block = _known(lines.block(Piece(b"".join(line.data for line in batch))), request, forgotten)
    new, bad = 0, block.broken
    try:
        one = validate_block(block, request.reading, oldest=oldest)
        block = one.block
    except FileRefused as refusal:
        # No line so far names a user and an item. A file would be refused; a stream goes on.
        rows = block.frame["_row"]
        bad = bad + [Rejection(row, "required-value", refusal.message) for row in rows]
    else:
        # A writer for each batch: it must not remember nodes that somebody removed since.
        with EventWriter(graph, number) as writer:
            write = writer.write_named if "event_id" in one.contract.columns else writer.write
            done = write(one.events).result()
        new, bad = done.new, one.bad + done.conflicts
    quarantine.add(bad, block)
    total.blank_lines += block.blank_lines
    total.read += block.read
    total.accepted += new
    total.quarantined += len(bad)
    total.forgotten += block.forgotten
    total.past_limit += block.past_limit
    total.duplicate += block.read - block.left_out - new - len(bad)


def _known(block: Block, request: IngestRequest, forgotten: ForgottenIds) -> Block:
    """Return a block without rows of those who are forgotten by now."""
    try:
        columns = assigned(block.header, request.reading)
    except FileRefused:  # no line so far names a user and an item
        return leave_out(block, {}, forgotten.refresh())
    ids: IdColumns = {"user": [columns["user_id"]], "item": [columns["item_id"]]}
    return leave_out(block, ids, forgotten.refresh())


def _name(path: Path | None) -> str:
    place = str(path and path.resolve()).encode("utf-8", "backslashreplace")
    return hashlib.sha256(place).hexdigest()[:16]


def _place(notes: Path) -> FollowPosition:
    try:
        return FollowPosition(**json.loads(notes.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return FollowPosition()  # from the start: what is there is recognised


def _note(notes: Path, place: FollowPosition) -> None:
    private_files.write_text(notes, json.dumps(asdict(place)))

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
from engine.data.reading.line_formats import JsonLines
from engine.data.reading.line_stream import LineStream
from engine.data.reading.text_stream import Piece
from engine.errors import Busy
from engine.loading.event_writer import EventWriter, WriteResult
from engine.loading.load import FileReport, IngestRequest
from engine.loading.locks import one_load_at_a_time
from engine.loading.quarantine import Quarantine
from engine.loading.stream_blocks import StreamBlock, StreamLoad, judge
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
        quarantine = Quarantine(settings.home / "quarantine", number, source)
        with StreamLoad(registry, number, total, quarantine) as load:
            lines = JsonLines()
            try:
                for batch in stream.batches(BATCH_LINES, WAIT_SECONDS):
                    if batch:
                        with one_load_at_a_time(settings, should_stop):
                            block = lines.block(Piece(b"".join(line.data for line in batch)))
                            oldest = settings.oldest_event()
                            _write(graph, load, judge(block, request.reading, forgotten, oldest))
                        if path is not None:
                            _note(notes, FollowPosition(batch[-1].end, batch[-1].source))
                        report(total)
                    if should_stop():
                        break
            except Busy:
                if path is None or not should_stop():
                    raise
                # The batch that waited for another load comes again.
            load.finish()
    return total


def _write(graph: GraphClient, load: StreamLoad, one: StreamBlock) -> None:
    """Write one batch of lines and count what became of them."""
    done = WriteResult(0, [])
    if one.events is not None:
        # A writer for each batch: it must not remember nodes that somebody removed since.
        with EventWriter(graph, load.number) as writer:
            named = one.events["event_id"].null_count() < len(one.events)
            write = writer.write_named if named else writer.write
            done = write(one.events).result()
    load.add(one, done.new, done.conflicts)


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

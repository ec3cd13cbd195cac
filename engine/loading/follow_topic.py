"""Follow a topic of Kafka: JSON objects as messages, each event exactly once.

How far each partition was read is noted in the transaction that writes its events, so a kill at any
moment leaves both or neither. The quarantine is a file: a message that is bad may stand in it again
after a kill.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.config import Settings
from engine.connections.forgotten import ForgottenIds
from engine.data.reading.block import Block
from engine.data.reading.line_formats import JsonLines
from engine.data.reading.rejection import Rejection
from engine.data.reading.text_stream import Piece
from engine.data.topic_address import TopicAddress
from engine.errors import AlreadyThere, Busy
from engine.graph import aliases, event_writes, source_positions
from engine.graph.source_positions import SourcePosition
from engine.loading.event_writer import WriteResult, only_new
from engine.loading.load import FileReport, IngestRequest
from engine.loading.locks import one_load_at_a_time
from engine.loading.quarantine import Quarantine
from engine.loading.stream_blocks import StreamBlock, StreamLoad, judge
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

if TYPE_CHECKING:
    from engine.store.kafka_topic import TopicMessage

BATCH_MESSAGES = 5_000
WAIT_SECONDS = 0.5
_TRIES = 20


def follow_topic(
    graph: GraphClient,
    registry: Registry,
    settings: Settings,
    request: IngestRequest,
    address: TopicAddress,
    *,
    report: Callable[[FileReport], None] = lambda _report: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> FileReport:
    """Load the messages of a topic as they come, until ``should_stop`` says so.

    Args:
        graph: Where to; it knows how far the topic was read.
        registry: Where the load is recorded.
        settings: Which home.
        request: How messages are read, and how many events a transaction has at most.
        address: Of the topic.
        report: Called after every batch.
        should_stop: Asked between batches.

    Raises:
        ConfigError: An option of the address is none.
        Unreachable: No broker answers.
        NotFound: There is no such topic.
        StoreError: The brokers hand out no messages.
        Busy: Another process follows the same topic into the same graph.
    """
    from engine.store.kafka_topic import KafkaTopic  # noqa: PLC0415 of an extra

    size = min(BATCH_MESSAGES, request.batch_rows)
    forgotten = ForgottenIds(registry, settings.home)

    def judged(block: Block) -> StreamBlock:
        return judge(block, request.reading, forgotten, settings.oldest_event())

    with KafkaTopic(address) as topic:
        places = _Places(graph, f"{topic.identity} {address.group}", address)
        topic.start(places.offsets)
        number = registry.start_ingest(address.shown, "", "events")
        total = FileReport(address.topic, "events")
        quarantine = Quarantine(settings.home / "quarantine", number, Path(address.topic))
        with StreamLoad(registry, number, total, quarantine) as load:
            try:
                for batch in topic.batches(size, WAIT_SECONDS):
                    if batch:
                        with one_load_at_a_time(settings, should_stop):
                            _write_batch(graph, load, batch, places, judged)
                        report(total)
                    if should_stop():
                        break
            except Busy:
                if not should_stop():
                    raise
                # The batch that waited for another load comes again.
            load.finish()
    return total


class _Places:
    """The offset of the next message of each partition, as the graph knows it."""

    def __init__(self, graph: GraphClient, source: str, address: TopicAddress) -> None:
        self._source, self._label = source, address.shown
        found = source_positions.read(graph, source)
        self.offsets = {int(part): int(value) for part, value in found.items()}

    def moved(self, partition: int, after: int) -> SourcePosition:
        before = self.offsets.get(partition)
        known = {} if before is None else {str(partition): str(before)}
        return SourcePosition(self._source, self._label, known, {str(partition): str(after)})


def _write_batch(
    graph: GraphClient,
    load: StreamLoad,
    batch: "Sequence[TopicMessage]",
    places: _Places,
    judged: Callable[[Block], StreamBlock],
) -> None:
    """Write the messages of each partition in a transaction of their own."""
    for partition, messages in _by_partition(batch):
        one, after = judged(_block(messages)), messages[-1].offset + 1
        done = _write(graph, load.number, one, places.moved(partition, after))
        places.offsets[partition] = after
        load.add(one, done.new, done.conflicts, f"{load.report.file}[{partition}]")


def _by_partition(batch: "Sequence[TopicMessage]") -> "list[tuple[int, list[TopicMessage]]]":
    # Sorting is stable: the messages of a partition stay in the order of their offsets.
    partition = attrgetter("partition")
    return [(key, list(some)) for key, some in groupby(sorted(batch, key=partition), partition)]


def _block(messages: "Sequence[TopicMessage]") -> Block:
    """Return messages as lines of a file whose numbers are the offsets."""
    # A line end within a JSON object stands between two of its words.
    lines = b"".join(one.data.replace(b"\n", b" ") + b"\n" for one in messages)
    block = JsonLines().block(Piece(lines))
    offsets = [one.offset for one in messages]
    rows = pl.Series("_row", [offsets[row - 1] for row in block.frame["_row"]], dtype=pl.Int64)
    broken = [
        replace(one, row=offsets[one.row - 1], line=offsets[one.row - 1]) for one in block.broken
    ]
    return replace(block, frame=block.frame.with_columns(rows), broken=broken)


def _write(
    graph: GraphClient, number: int, one: StreamBlock, position: SourcePosition
) -> WriteResult:
    """Write the events of a block that are new, and how far the source is read by them."""
    nothing = pl.DataFrame({"key": []}, {"key": pl.Int64})
    events = nothing if one.events is None else aliases.resolved(graph, one.events)
    conflicts: list[Rejection] = []

    def choose(known: dict[int, tuple[Any, ...]]) -> pl.DataFrame:
        fresh, clashing = only_new(events, known)
        conflicts[:] = clashing
        return fresh

    for _ in range(_TRIES):
        try:
            keys = events["key"].to_list()
            return WriteResult(
                event_writes.write_chosen_events(graph, keys, choose, number, position), conflicts
            )
        except AlreadyThere:  # somebody else wrote one of them after it was looked for
            continue
    raise Busy(
        "another load keeps writing the same events",
        hint="wait for it and run the same command again: what is there is recognised",
    )

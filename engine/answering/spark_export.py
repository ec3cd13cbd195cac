"""Export the events of the graph with Spark: a folder of Parquet that ``engine ingest`` reads.

Each task reads a range of keys. These are hashes, so ranges of one size hold as many events; the
connector would page through all of them for each task, in no order that is promised.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice, pairwise
from typing import Any

import pyarrow as pa

from engine.config import Settings
from engine.connections.session import open_graph
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.graph import census, spark_events
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.store.spark_cluster import SparkSettings, spark_cluster

_EVENTS_OF_A_FILE = 1_000_000
_ROWS = 20_000
_LOWEST, _KEYS = -(1 << 63), 1 << 64
_COLUMNS = {
    "user_id": (pa.string(), "string"),
    "item_id": (pa.string(), "string"),
    "event": (pa.string(), "string"),
    "timestamp": (pa.int64(), "bigint"),
    "weight": (pa.float64(), "double"),
    "basket_id": (pa.string(), "string"),
    "list_id": (pa.string(), "string"),
    "list_position": (pa.int64(), "bigint"),
    "event_key": (pa.int64(), "bigint"),
}
EXPORTED = ", ".join(f"{name} {kind}" for name, (_, kind) in _COLUMNS.items())
"""Columns of an exported event; ``timestamp`` is in milliseconds of the epoch."""
_SCHEMA = pa.schema([(name, kind) for name, (kind, _) in _COLUMNS.items()])


@dataclass(frozen=True)
class SparkExport:
    """What was exported: to which folder, how many events, in how many files."""

    folder: str
    events: int
    files: int


def export_with_spark(
    settings: Settings,
    folder: str,
    files: int | None,
    spark: SparkSettings,
    advance: StageProgress = no_stage,
) -> SparkExport:
    """Write every event of the graph into a new folder of Parquet.

    Args:
        settings: Which graph.
        folder: A path that every executor sees, or an address of the cluster's own.
        files: How many; None: one for each million events.
        spark: How Spark is started.
        advance: Follows the progress.

    Raises:
        ConfigError: Spark cannot be started.
        StoreError: The folder is there, or the job failed.
    """
    with open_graph(settings) as graph, spark_cluster(spark) as cluster:
        events = census.count(graph).events
        count = files or max(1, -(-events // _EVENTS_OF_A_FILE))
        advance(f"writing {folder}", 0, events)
        work = partial(_read, graph.target, _ranges(count))
        cluster.numbers(count, apart=True).mapped(work, EXPORTED).write_parquet(folder)
        written = cluster.parquet(folder).count()
        advance(f"writing {folder}", written, events)
        return SparkExport(folder, written, count)


def _ranges(count: int) -> list[tuple[int, int]]:
    """Return that many ranges of keys, both ends inside, which hold every key once."""
    starts = [_LOWEST + _KEYS * number // count for number in range(count + 1)]
    return [(low, after - 1) for low, after in pairwise(starts)]


def _read(
    target: Neo4jTarget, ranges: Sequence[tuple[int, int]], batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Yield the events of the ranges that a task was given."""
    with GraphClient(target) as graph:
        for batch in batches:
            for number in batch.column("id").to_pylist():
                events = spark_events.events_between(graph, *ranges[number])
                while rows := _next(events):
                    yield pa.RecordBatch.from_pylist(rows, schema=_SCHEMA)


def _next(events: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    return list(islice(events, _ROWS))

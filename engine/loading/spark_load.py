"""Load events with Spark: every part is validated by its own task, then what is new is written.

The rules, the counts and the quarantine are those of ``ingest``. A killed job leaves whole batches:
run again, it writes what is missing.
"""

from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256

from engine.config import Settings
from engine.connections.session import open_graph, open_registry
from engine.data.events import EventContract
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.reading.read_options import ReadOptions
from engine.graph import spark_events
from engine.graph.batch_marks import new_token
from engine.loading import spark_source
from engine.loading.load import FileReport, IngestRequest, Load
from engine.loading.locks import one_load_at_a_time
from engine.loading.spark_account import SparkAccount
from engine.loading.spark_parts import EVENTS, STAGED, TOLD, SparkParts, first_of_each_key
from engine.loading.spark_source import SparkSource
from engine.store.graph_client import GraphClient
from engine.store.spark_cluster import SparkSettings, spark_cluster
from engine.store.spark_table import SparkTable

BATCH_ROWS = 10_000
WRITERS = 4


@dataclass(frozen=True)
class SparkLoadRequest:
    """What to load with Spark.

    Attributes:
        events: A path that every executor sees, or an address of the cluster's own.
        reading: How the files are read.
        max_bad: Stop above this share of bad rows, 0 to 1.
        writers: How many tasks write into Neo4j at a time, each some users' events.
        batch_rows: Events of one transaction at most.
    """

    events: str
    reading: ReadOptions = field(default_factory=ReadOptions)
    max_bad: float = 1.0
    writers: int = WRITERS
    batch_rows: int = BATCH_ROWS


def load_with_spark(
    settings: Settings,
    request: SparkLoadRequest,
    spark: SparkSettings,
    advance: StageProgress = no_stage,
) -> FileReport:
    """Load events by one Spark job, and return what became of their rows.

    Raises:
        FileRefused: A part cannot be used; nothing is written.
        TooManyBadRows: More than ``max_bad`` of the rows are bad; nothing is written.
        NothingAccepted: No row could be taken.
        ConfigError: Spark cannot be started.
        StoreError: The job failed; the same command again adds what is missing.
        Busy: Another load of this home does not end.
    """
    EventContract.of({}, request.reading)  # a wrong option is known before Spark starts
    asked = IngestRequest(reading=request.reading, max_bad=request.max_bad)
    with one_load_at_a_time(settings), open_registry(settings) as registry:
        load = Load(registry, asked, settings.home, advance, oldest=settings.oldest_event())
        with spark_cluster(spark, load.fetched) as cluster:
            source = spark_source.find(cluster, request.events)
            forgotten = load.forgotten.snapshot()
            job = SparkParts(source.files, asked, forgotten, load.oldest, source.numbers)
            return _load(settings, request, load, source, job, source.table(cluster))


def _load(
    settings: Settings,
    request: SparkLoadRequest,
    load: Load,
    source: SparkSource,
    job: SparkParts,
    parts: SparkTable,
) -> FileReport:
    """Validate all parts, then write what is new; ``parts`` has a row for each."""
    with parts.mapped(job.validated, STAGED).kept() as staged:
        load.advance(f"reading {source.files.name}", 0, 0)
        number = load.registry.start_ingest(source.origin, _digest(staged), "events")
        with SparkAccount(load, source, number) as account:
            account.take(staged)
            load.advance(f"writing {source.files.name}", 0, account.events)
            with open_graph(settings, load.fetched) as graph:
                name = new_token(graph.target.home)
                if account.events:
                    _write(graph, staged, (number, name), request)
                account.written = spark_events.written(graph, name)
                if account.with_ids:
                    conflicts = partial(job.conflicts, graph.target, account.with_ids)
                    account.take_conflicts(parts.mapped(conflicts, STAGED))
            load.advance(f"writing {source.files.name}", account.events, account.events)
    return account.complete_report()


def _write(
    graph: GraphClient, staged: SparkTable, job: tuple[int, str], request: SparkLoadRequest
) -> None:
    """Write each event once, where its key is not in the graph.

    Args:
        graph: Where to.
        staged: What the tasks made of their parts.
        job: Number of the load, and a name that no other job has.
        request: How many write at a time.
    """
    by_key = staged.where(f"NOT ({TOLD})").together_by("key", ("key", "part", "row"))
    once = by_key.mapped(partial(first_of_each_key, *job), EVENTS)
    # A user's events are in one task, so that writers contend for items only.
    by_user = once.shared_by("user", request.writers)
    by_user.write_by_query(graph.target, spark_events.write_statement(), request.batch_rows)


def _digest(staged: SparkTable) -> str:
    """Validate every part, and return the SHA-256 of all of them."""
    rows = staged.where(TOLD).sorted_by("part").rows()
    digests = [str(row["digest"]) for row in rows]
    return digests[0] if len(digests) == 1 else sha256("\n".join(digests).encode()).hexdigest()

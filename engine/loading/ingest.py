"""Load files: read, judge every row, write what is new, account for all of them.

Every row ends as exactly one of accepted, duplicate, quarantined. Nothing here needs to be undone
after a kill: each batch is in the graph whole or not at all, and keys tell what is there. A new
item that shares something with others gets a vector at the end, so that it is recommended at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import filelock

from engine.config import Settings
from engine.connections import database
from engine.connections.session import open_graph, open_registry
from engine.errors import Busy
from engine.graph import new_item_vectors
from engine.loading import bulk_load
from engine.loading.load import FileReport, IngestRequest, Load, LoadProgress
from engine.loading.load_attributes import load_attributes
from engine.loading.load_events import load_events
from engine.loading.load_facts import load_facts
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

_WAIT_SECONDS = 3_600
_POLL_SECONDS = 0.005


def ingest_files(
    settings: Settings, request: IngestRequest, advance: LoadProgress = lambda name, rows: None
) -> list[FileReport]:
    """Load the request's files, many events into an empty graph by the offline importer.

    Raises:
        FileRefused: A file cannot be read at all; nothing of it is written.
        TooManyBadRows: More than ``max_bad`` of a file's rows were quarantined.
        UsageError: The offline importer was asked for where it cannot be used.
        Busy: Another load of this home does not end.
    """
    with one_load_at_a_time(settings), open_registry(settings) as registry:
        reports = []
        load = Load(registry, request, settings.home, advance)
        if request.events is not None:
            with graph_not_replaced(settings, _WAIT_SECONDS):  # by us: whoever writes has to wait
                if bulk_load.wanted(settings, request):
                    work = partial(bulk_load.bulk_load, database.local_server(settings))
                    reports.append(load.run(request.events, "events", work))
                    request = replace(request, events=None)
        if database.must_start(settings):
            advance("starting Neo4j", 0)
        with open_graph(settings, load.fetched) as graph:
            return reports + ingest(graph, registry, request, settings.home, advance)


def ingest(
    graph: GraphClient,
    registry: Registry,
    request: IngestRequest,
    home: Path,
    advance: LoadProgress = lambda name, rows: None,
) -> list[FileReport]:
    """Load the request's files: items and users first, so that events find their attributes.

    Raises:
        FileRefused: A file cannot be read at all; nothing of it is written.
        TooManyBadRows: More than ``max_bad`` of a file's rows were quarantined.
        Busy: Another load keeps writing the same events.
    """
    wanted = [
        (request.items, "items", load_attributes),
        (request.users, "users", load_attributes),
        (request.events, "events", load_events),
        (request.facts, "facts", load_facts),
    ]
    load = Load(registry, request, home, advance)
    if request.items or request.facts:
        new_item_vectors.warm_query_plans(graph)
    reports = [
        load.run(path, kind, partial(work, graph))
        for path, kind, work in wanted
        if path is not None
    ]
    # After all of them, so that an item is placed by its attributes and its facts together.
    new_item_vectors.place_new_items(graph, sorted(load.described))
    return reports


@contextmanager
def one_load_at_a_time(settings: Settings) -> Iterator[None]:
    """Keep a load from finding its graph replaced by that of another one."""
    settings.home.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(settings.home / "ingest.lock", timeout=_WAIT_SECONDS):
            yield
    except filelock.Timeout as error:
        raise Busy("another load has been running for an hour", hint="wait for it") from error


@contextmanager
def graph_not_replaced(settings: Settings, wait_seconds: float) -> Iterator[None]:
    """Keep the offline importer from replacing the graph, which would take what is written now.

    Raises:
        Busy: It is at work and does not end within that time.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(
            settings.home / "replace.lock", timeout=wait_seconds, poll_interval=_POLL_SECONDS
        ):
            yield
    except filelock.Timeout as error:
        raise Busy(
            "a load is replacing the whole graph", hint="send the same again later"
        ) from error

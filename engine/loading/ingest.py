"""Load files: read, judge every row, write what is new, account for all of them.

Every row ends as exactly one of accepted, duplicate, quarantined. Nothing here needs to be undone
after a kill: each batch is in the graph whole or not at all, and keys tell what is there. A new
item that shares something with others gets a vector at the end, so that it is recommended at once.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path

from engine.config import Settings
from engine.connections import database
from engine.connections.session import open_graph, open_registry
from engine.graph import new_item_vectors
from engine.loading import bulk_load
from engine.loading.load import FileReport, IngestRequest, Load, LoadProgress
from engine.loading.load_attributes import load_attributes
from engine.loading.load_events import load_events
from engine.loading.load_facts import load_facts
from engine.loading.locks import graph_replaced, one_load_at_a_time
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry


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
        # Asked before the lock is taken and again under it: only a real import keeps writers out.
        if request.events is not None and bulk_load.wanted(settings, request):
            with graph_replaced(settings):
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

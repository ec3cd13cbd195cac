"""Load files: read, judge every row, write what is new, account for all of them.

Every row ends as exactly one of accepted, duplicate, quarantined. Nothing here needs to be undone
after a kill: each batch is in the graph whole or not at all, and keys tell what is there.
"""

from pathlib import Path

from engine.pipeline.load import Advance, FileReport, IngestRequest, Load
from engine.pipeline.load_attributes import load_attributes
from engine.pipeline.load_events import load_events
from engine.pipeline.load_facts import load_facts
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry


def ingest(
    graph: GraphClient,
    registry: Registry,
    request: IngestRequest,
    home: Path,
    advance: Advance = lambda name, rows: None,
) -> list[FileReport]:
    """Load the request's files: items and users first, so that events find their attributes.

    Raises:
        FileRefused: A file cannot be read at all; nothing of it is written.
        TooManyBadRows: More than ``max_bad`` of a file's rows were quarantined.
    """
    wanted = [
        (request.items, "items", load_attributes),
        (request.users, "users", load_attributes),
        (request.events, "events", load_events),
        (request.facts, "facts", load_facts),
    ]
    reports = []
    for path, kind, load in wanted:
        if path is not None:
            loader = Load(graph, registry, request, home / "quarantine", advance)
            reports.append(loader.run(path, kind, load))
    return reports

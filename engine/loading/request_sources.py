"""What the kinds of a request are read from: paths, rows of queries, new parts of a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.config import Settings
from engine.connections.session import open_graph
from engine.errors import UsageError
from engine.graph import source_positions
from engine.loading import new_parts, query_rows
from engine.loading.file_load import STAGING
from engine.loading.load import IngestRequest, Load
from engine.loading.load_source import LoadSource
from engine.loading.query_rows import query_file, read_query

KINDS = ("items", "users", "events", "facts")
"""In this order: items and users first, so that events find their attributes."""


def paths_of(request: IngestRequest) -> dict[str, Path | LoadSource]:
    """Return kind -> path of those that a request names."""
    paths: dict[str, Path | None] = {kind: getattr(request, kind) for kind in KINDS}
    return {kind: path for kind, path in paths.items() if path is not None}


@contextmanager
def sources_of(settings: Settings, load: Load) -> Iterator[dict[str, Path | LoadSource]]:
    """Lend what each kind of a request is read from; the rows of queries are removed at the end.

    Raises:
        ConfigError: An address is malformed, or its driver is not installed.
        FileRefused: The folder that grows cannot be read.
        StoreError: A database is away or refuses a query, or the disk cannot hold the rows.
        UsageError: A kind is named twice, or a query returns no rows.
    """
    request = load.request
    found = paths_of(request)
    made = [*request.queries, *(["events"] if request.from_folder else [])]
    if twice := sorted(kind for kind in {*made, *found} if [*made, *found].count(kind) > 1):
        raise UsageError(f"{twice[0]} are named twice", hint="leave one of them out")
    folder = settings.home / STAGING
    positions = _positions(settings, load)
    try:
        for kind, query in request.queries.items():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            found[kind] = read_query(query, kind, folder, positions[kind], load.advance)
        if request.from_folder is not None:
            reading = request.reading.of("events")
            found["events"] = new_parts.new_parts(request.from_folder, reading, positions["events"])
        yield found
    finally:
        for kind in request.queries:
            query_file(folder, kind).unlink(missing_ok=True)


def _positions(settings: Settings, load: Load) -> dict[str, dict[str, str]]:
    """Return kind -> how far its source was read; a graph is opened only where that is asked."""
    request = load.request
    asked = {
        kind: query_rows.position_source(query, kind)
        for kind, query in request.queries.items()
        if query.watermark is not None
    }
    if request.from_folder is not None:
        asked["events"] = new_parts.position_source(
            request.from_folder, request.reading.of("events")
        )
    known: dict[str, dict[str, str]] = {kind: {} for kind in request.queries}
    if not asked:
        return known
    with open_graph(settings, load.fetched) as graph:
        return known | {
            kind: source_positions.read(graph, source) for kind, source in asked.items()
        }

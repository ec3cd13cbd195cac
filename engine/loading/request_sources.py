"""What the kinds of a request are read from: paths as they are, queries that are run first."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from engine.config import Settings
from engine.connections.session import open_graph
from engine.errors import UsageError
from engine.graph import source_positions
from engine.loading.file_load import STAGING
from engine.loading.load import IngestRequest, Load
from engine.loading.load_source import LoadSource
from engine.loading.query_rows import position_source, read_query

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
        StoreError: A database is away or refuses a query, or the disk cannot hold the rows.
        UsageError: A kind has a path and a query, or a query returns no rows.
    """
    found, queries = paths_of(load.request), load.request.queries
    if both := sorted(found.keys() & queries.keys()):
        raise UsageError(f"{both[0]} has a path and a query", hint="leave one of them out")
    folder = settings.home / STAGING
    made: list[LoadSource] = []
    try:
        if queries:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            positions = _positions(settings, load)
        for kind, query in queries.items():
            made.append(read_query(query, kind, folder, positions[kind], load.advance))
            found[kind] = made[-1]
        yield found
    finally:
        for one in made:
            one.files.path.unlink(missing_ok=True)


def _positions(settings: Settings, load: Load) -> dict[str, Mapping[str, str]]:
    """Return kind -> how far its query was read; a graph is opened only where that is asked."""
    queries = load.request.queries
    if not any(query.watermark for query in queries.values()):
        return {kind: {} for kind in queries}
    with open_graph(settings, load.fetched) as graph:
        return {
            kind: source_positions.read(graph, position_source(query, kind))
            for kind, query in queries.items()
        }

"""The first load of many events, through Neo4j's offline importer.

For the engine's own server and an empty graph. The rows are validated like those of any load, and
the graph afterwards is the one that an ordinary load makes, its events in one batch.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from engine import private_files
from engine.config import Settings
from engine.connections import database
from engine.connections.home import name_of_home
from engine.data.reading.rejection import Rejection
from engine.errors import UsageError
from engine.graph import census
from engine.graph.batch_marks import new_token
from engine.loading.file_load import FileLoad
from engine.loading.import_files import ImportFiles
from engine.loading.load import IngestRequest
from engine.store.graph_client import GraphClient
from engine.store.local_server import LocalServer
from engine.store.migration_lock import LockHolder, NightLock

# With fewer, the server's restart costs more than the importer saves.
_MANY_ROWS = 300_000
_HINT = "leave out --bulk"
# A row of a part is one number to the importer's files: the part's stands above these bits.
_ROW_BITS = 40


def check(settings: Settings, request: IngestRequest) -> None:
    """Refuse ``--bulk`` on a server that is not the engine's own.

    Raises:
        UsageError: It was asked for and cannot be.
    """
    if request.bulk and request.has_events and settings.neo4j_uri is not None:
        raise UsageError("only the engine's own Neo4j can be loaded with --bulk", hint=_HINT)


def wanted(settings: Settings, request: IngestRequest, rows: int) -> bool:
    """Tell whether events are to be loaded this way: asked for, or many for an empty graph.

    Args:
        settings: Which graph.
        request: Its ``bulk`` is yes, no, or where it is quicker.
        rows: How many events there are.

    Raises:
        UsageError: It was asked for and cannot be.
    """
    check(settings, request)
    if request.bulk is False or settings.neo4j_uri is not None or not rows:
        return False
    if request.bulk is None and rows < _MANY_ROWS:
        return False
    if _is_empty(database.local_server(settings)):
        return True
    if request.bulk:
        hint = f"{_HINT}, or delete the graph first: engine db reset"
        raise UsageError("--bulk is for an empty graph, and this one is not", hint=hint)
    return False


def bulk_load(settings: Settings, file: FileLoad) -> None:
    """Write the validated events of a file: the graph is replaced by one that holds them.

    A night that loads them holds its lock in the new graph too.
    """
    server, token = database.local_server(settings), new_token(name_of_home(settings))
    with _empty_folder(file.load.home / "bulk") as folder:
        files = ImportFiles(folder, file.rows.rows)
        for part, frame in file.rows.batches():
            files.add(frame.with_columns(pl.col("row") + (part << _ROW_BITS)))
        sources = files.finish(file.number, token, _night(server))
        file.load.advance("importing into Neo4j", 0, 0)
        server.import_graph(sources, file.load.fetched)
        conflicts: dict[int, list[Rejection]] = {}
        for one in files.conflicts:
            part, row = one.row >> _ROW_BITS, one.row & ((1 << _ROW_BITS) - 1)
            conflicts.setdefault(part, []).append(Rejection(row, one.code, one.detail))
        for part, clashing in conflicts.items():
            file.add_written(part, len(clashing), 0, clashing)
        file.add_written(0, file.rows.rows - len(files.conflicts), files.unique)


def _night(server: LocalServer) -> LockHolder | None:
    if (state := server.running()) is None:
        return None
    with GraphClient(server.target(state)) as client:
        return NightLock.holder(client)


@contextmanager
def _empty_folder(folder: Path) -> Iterator[Path]:
    """Lend a folder; what a killed load left in it goes first."""
    shutil.rmtree(folder, ignore_errors=True)
    private_files.make_folder(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_empty(server: LocalServer) -> bool:
    if not server.holds_graph():
        return True
    with GraphClient(server.start()) as client:
        counts = census.count(client)
    return not any((counts.users, counts.items, counts.entities, counts.events, counts.batches))

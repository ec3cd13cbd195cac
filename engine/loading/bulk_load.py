"""The first load of many events, through Neo4j's offline importer.

For the engine's own server and an empty graph. The rows are judged like those of any load, and the
graph afterwards is the one that an ordinary load makes, its events in one batch.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.config import Settings
from engine.connections import database
from engine.data.read_ahead import prefetch_one
from engine.data.reading import columns
from engine.data.reading.table_reader import read_blocks
from engine.errors import UsageError
from engine.graph import census
from engine.loading.import_files import ImportFiles
from engine.loading.load import FileReport, IngestRequest, Load
from engine.loading.load_events import validated_blocks
from engine.loading.quarantine import Quarantine
from engine.store.graph_client import GraphClient
from engine.store.local_server import LocalServer

# With fewer, the server's restart costs more than the importer saves.
_MANY_ROWS = 300_000
_HINT = "leave out --bulk"


def wanted(settings: Settings, request: IngestRequest) -> bool:
    """Tell whether the events are to be loaded this way: asked for, or many for an empty graph.

    Raises:
        UsageError: It was asked for and cannot be.
    """
    if request.events is None or request.bulk is False:
        return False
    if settings.neo4j_uri is not None:
        if request.bulk:
            raise UsageError("only the engine's own Neo4j can be loaded with --bulk", hint=_HINT)
        return False
    if request.bulk is None and not _has_many_rows(request.events, request):
        return False
    if _is_empty(database.local_server(settings)):
        return True
    if request.bulk:
        hint = f"{_HINT}, or delete the graph first: engine db reset"
        raise UsageError("--bulk is for an empty graph, and this one is not", hint=hint)
    return False


def bulk_load(
    server: LocalServer, load: Load, report: FileReport, path: Path, quarantine: Quarantine
) -> None:
    """Load the events of a file; ends with the server stopped and the graph complete."""
    with _empty_folder(load.home / "bulk") as folder:
        files = ImportFiles(folder)
        for block, contract, frame, bad in prefetch_one(
            validated_blocks(path, load.request.reading)
        ):
            files.add(frame)
            quarantine.add(bad, block)
            report.blank_lines += block.blank_lines
            report.unused_columns = columns.unused(block.header, contract.columns)
            load.count(report, block.read, bad, len(frame))
        if not report.accepted:
            return
        sources = files.finish(load.number)
        if files.conflicts:
            _quarantine_conflicts(files, load.request, path, quarantine)
        report.accepted = files.unique
        report.quarantined += len(files.conflicts)
        report.duplicate = report.read - report.accepted - report.quarantined
        load.check_bad(report, final=True)
        load.advance("importing into Neo4j", files.unique)
        server.import_graph(sources, load.fetched)


@contextmanager
def _empty_folder(folder: Path) -> Iterator[Path]:
    """Lend a folder; what a killed load left in it goes first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _quarantine_conflicts(
    files: ImportFiles, request: IngestRequest, path: Path, quarantine: Quarantine
) -> None:
    """Read the file again, as only it knows how the rows stood."""
    clashing = {one.row: one for one in files.conflicts}
    for block, *_ in validated_blocks(path, request.reading):
        rows = [row for row in block.frame["_row"] if row in clashing]
        quarantine.add([clashing[row] for row in rows], block)


def _has_many_rows(path: Path, request: IngestRequest) -> bool:
    rows = 0
    for block in read_blocks(path, request.reading.of("events")):
        rows += block.read
        if rows >= _MANY_ROWS:
            return True
    return False


def _is_empty(server: LocalServer) -> bool:
    if not server.holds_graph():
        return True
    with GraphClient(server.start()) as client:
        counts = census.count(client)
    return not any((counts.users, counts.items, counts.entities, counts.events, counts.batches))

"""Load files: validate every row of all of them, then write what is new, and account for each row.

Every row ends as exactly one of accepted, duplicate, quarantined. A file that cannot be used stops
the command before a database is started. Nothing here needs to be undone after a kill: each batch
is in the graph whole or not at all, and keys show what is there. A new item that shares something
with others gets a vector at the end, so that it is recommended at once.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from engine.config import Settings
from engine.connections import database
from engine.connections.session import graph_was_replaced, open_graph, open_registry
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.graph import new_item_vectors, source_positions
from engine.loading import bulk_load
from engine.loading.file_load import STAGING, FileLoad
from engine.loading.file_validation import Audit, FileValidation
from engine.loading.load import FileReport, IngestRequest, Load
from engine.loading.load_attributes import validate_attributes, write_attributes
from engine.loading.load_events import validate_events, write_events
from engine.loading.load_facts import validate_facts, write_facts
from engine.loading.load_source import LoadSource
from engine.loading.locks import graph_replaced, one_load_at_a_time
from engine.loading.request_sources import KINDS, paths_of, sources_of
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

VALIDATORS: dict[str, Callable[[FileValidation], None]] = {
    "items": validate_attributes,
    "users": validate_attributes,
    "events": validate_events,
    "facts": validate_facts,
}
_WRITERS: dict[str, Callable[[GraphClient, FileLoad], None]] = {
    "items": write_attributes,
    "users": write_attributes,
    "events": write_events,
    "facts": write_facts,
}


def ingest_files(
    settings: Settings,
    request: IngestRequest,
    advance: StageProgress = no_stage,
    *,
    within: Path | None = None,
    audit: Audit | None = None,
) -> list[FileReport]:
    """Load the request's files, many events into an empty graph by the offline importer.

    Args:
        settings: Which graph, which home.
        request: What to load.
        advance: Follows the progress.
        within: A folder that no file may lie outside of, wherever links lead.
        audit: Judges the file of events as a whole too.

    Raises:
        FileRefused: A file cannot be used; nothing of any is written.
        TooManyBadRows: More than ``max_bad`` of a file's rows are bad; nothing of any is written.
        NothingAccepted: No row of a file could be taken.
        UsageError: The offline importer was asked for where it cannot be used.
        Busy: Another load of this home does not end.
    """
    bulk_load.check(settings, request)
    with one_load_at_a_time(settings), open_registry(settings) as registry:
        shutil.rmtree(settings.home / STAGING, ignore_errors=True)  # left by a killed load
        load = Load(registry, request, settings.home, advance, oldest=settings.oldest_event())
        with (
            sources_of(settings, load) as sources,
            _validated_files(load, sources, within, audit) as files,
        ):
            _load_in_bulk(settings, load, files)
            if database.must_start(settings):
                advance("starting Neo4j", 0, 0)
            with open_graph(settings, load.fetched) as graph:
                return _write(graph, load, files)


def ingest(
    graph: GraphClient,
    registry: Registry,
    request: IngestRequest,
    home: Path,
    advance: StageProgress = no_stage,
) -> list[FileReport]:
    """Load the files that a request names by their paths into a graph that is open.

    Raises:
        FileRefused: A file cannot be used; nothing of any is written.
        TooManyBadRows: More than ``max_bad`` of a file's rows are bad; nothing of any is written.
        NothingAccepted: No row of a file could be taken.
        Busy: Another load keeps writing the same events.
    """
    load = Load(registry, request, home, advance)
    with _validated_files(load, paths_of(request)) as files:
        return _write(graph, load, files)


@contextmanager
def _validated_files(
    load: Load,
    sources: Mapping[str, Path | LoadSource],
    within: Path | None = None,
    audit: Audit | None = None,
) -> Iterator[list[FileLoad]]:
    """Validate every file of a request; what they leave on disk is removed at the end."""
    with ExitStack() as stack:
        files = []
        for kind in KINDS:
            if kind not in sources:
                continue
            judge = audit if kind == "events" else None
            file = stack.enter_context(
                FileLoad(load, kind, sources[kind], within=within, audit=judge)
            )
            file.validate(VALIDATORS[kind])
            files.append(file)
        yield files


def _load_in_bulk(settings: Settings, load: Load, files: list[FileLoad]) -> None:
    """Write the events by the offline importer where that is wanted."""
    for file in files:
        if file.kind != "events":
            continue
        # Asked before the lock is taken and again under it: only a real import keeps writers out.
        asked = partial(bulk_load.wanted, settings, load.request, file.rows.rows)
        if asked():
            with graph_replaced(settings):
                if asked():
                    file.write(partial(bulk_load.bulk_load, settings))
                    graph_was_replaced()


def _write(graph: GraphClient, load: Load, files: list[FileLoad]) -> list[FileReport]:
    """Write the files that are not written yet."""
    if {"items", "facts"} & {file.kind for file in files}:
        new_item_vectors.warm_query_plans(graph)
    for file in files:
        if not file.is_written:
            file.write(partial(_WRITERS[file.kind], graph))
        if file.position is not None:
            source_positions.move(graph, file.position)
    # After all of them, so that an item is placed by its attributes and its facts together.
    new_item_vectors.place_new_items(graph, sorted(load.described))
    return [file.report for file in files]

"""Bring an exported folder into a graph: what is missing is added, once, however often.

Everything is compared with the manifest, and with what is there, before the first write. Events,
items, users and facts go the way of every load; a killed call is carried on by the same call.
"""

import json
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet

from engine.config import Settings
from engine.connections.forgotten import KEY_FILE, ForgottenIds, Tombstones, key_name
from engine.connections.home import home_lock
from engine.connections.session import open_graph, open_registry
from engine.data.entity_kinds import EntityKind
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.reading.columns import NAME_COLUMNS
from engine.data.reading.read_options import ReadOptions
from engine.errors import Busy, ConfigError, UsageError
from engine.exchange import (
    derived_graphs,
    feedback_import,
    feedback_tables,
    generation_tables,
    shown_import,
)
from engine.exchange import manifest as manifests
from engine.exchange.folder_export import chosen_sections
from engine.exchange.folder_rows import FolderRows
from engine.exchange.folders import LocalFolder, folder_errors, folder_of
from engine.exchange.generation_import import GenerationImport
from engine.exchange.manifest import LISTS, REGISTRY, Manifest
from engine.exchange.verified_folder import verified
from engine.graph import batch_writes, item_list_removal, stored_lists
from engine.graph.exporting import generation_records
from engine.graph.pulling import pull
from engine.loading.ingest import ingest_files
from engine.loading.load import FileReport, IngestRequest
from engine.publishing import generations
from engine.store.graph_client import GraphClient

_LOADED = ("events", "items", "users", "facts")
_SECTION_OF = {
    "entities": "facts",
    feedback_tables.DISLIKES: "facts",
    feedback_tables.ALIASES: "users",
}


@dataclass(frozen=True)
class ImportRequest:
    """What to import.

    Attributes:
        source: A folder of ``engine export --to``, or an address of one.
        what: Sections; empty: all that the folder has.
        bulk: Load events by Neo4j's offline importer; None: where it is quicker.
    """

    source: str | Path
    what: tuple[str, ...] = ()
    bulk: bool | None = None


@dataclass(frozen=True)
class ImportReport:
    """What an import added.

    Attributes:
        files: What became of the rows of events, items, users and facts.
        generations: Numbers of those that were written.
        graphs: Graphs between items that were built.
        list_changes: Changes of named lists that were added.
        registry_rows: Rows that were added to the registry.
    """

    files: tuple[FileReport, ...]
    generations: tuple[int, ...] = ()
    graphs: tuple[str, ...] = ()
    list_changes: int = 0
    registry_rows: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def import_folder(
    settings: Settings, request: ImportRequest, report: StageProgress = no_stage
) -> ImportReport:
    """Add what a folder holds and the graph lacks.

    Args:
        settings: Which graph, which home.
        request: What to import.
        report: Called with a stage, how much of it is done, and how much there is.

    Raises:
        FileRefused: The folder is no export, damaged, or of a newer format; nothing is written.
        ConfigError: Who is forgotten in it cannot be told by this home; nothing is written.
        UsageError: It lacks a section that was asked for, or a number in it stands for something
            else here, or generations have no users and items to stand on; nothing is written.
        DataError: The folder cannot be read.
        Busy: Another import of this home is running; another load or publish does not end.
    """
    folder = folder_of(request.source)
    with folder_errors(folder):
        manifest = manifests.read(folder)
    what = _sections(manifest, request, folder.address)
    files = tuple(one for one in manifest.files if _section_of(one.name) in what)
    busy = Busy("another import is running", hint="wait for it to end")
    with (
        home_lock(settings, "import.lock", busy),
        verified(folder, files, settings.home, report) as here,
    ):
        one = _FolderImport(settings, here, manifest, what, report)
        return one.run(request.bulk)


def _sections(manifest: Manifest, request: ImportRequest, address: str) -> tuple[str, ...]:
    asked = chosen_sections(request.what or manifest.what)
    if missing := [one for one in asked if one not in manifest.what]:
        raise UsageError(
            f"{address} holds no {missing[0]}", hint=f"it holds {', '.join(manifest.what)}"
        )
    return asked


def _section_of(name: str) -> str:
    first = name.partition("/")[0]
    return _SECTION_OF.get(first, first)


class _FolderImport:
    """A verified folder on its way into the graph and the registry that the settings name."""

    def __init__(
        self,
        settings: Settings,
        folder: LocalFolder,
        manifest: Manifest,
        what: tuple[str, ...],
        report: StageProgress,
    ) -> None:
        self._settings, self._folder, self._manifest = settings, folder, manifest
        self._rows = FolderRows(folder, manifest)
        self._what, self._report = what, report

    def run(self, bulk: bool | None) -> ImportReport:
        """Check all, then write all."""
        with ExitStack() as stack:
            if "vectors" in self._what:
                stack.enter_context(generations.one_at_a_time(self._settings))
                with open_graph(self._settings) as graph:
                    GenerationImport(graph, self._folder, self._manifest).check(self._what)
            registry_rows = self._registry()
            files = self._load(bulk)
            return self._rest(files, registry_rows)

    def _registry(self) -> int:
        if "registry" not in self._what:
            return 0
        rows = json.loads(self._folder.read(REGISTRY))
        self._check_key({row["key_name"] for row in rows["tombstones"]})
        with open_registry(self._settings) as registry:
            registry.copy.check(rows)
            return registry.copy.add(rows)

    def _check_key(self, names: set[str]) -> None:
        """Refuse tombstones that this home could not tell whose they are."""
        if names - {key_name(self._settings.home)}:
            raise ConfigError(
                f"{self._settings.home / KEY_FILE} is not the key of the people and items that are "
                "forgotten in the folder",
                hint=f"copy {KEY_FILE} there first, from the home that forgot them",
            )

    def _load(self, bulk: bool | None) -> list[FileReport]:
        there = {kind: self._path(kind) for kind in _LOADED if self._has(kind)}
        if not there:
            return []
        names = {name for kind in ("items", "users") for name in self._columns(kind)}
        mapping = {name: name for name in NAME_COLUMNS if name in names}
        request = IngestRequest(
            events=there.get("events"),
            items=there.get("items"),
            users=there.get("users"),
            facts=there.get("facts"),
            reading=ReadOptions(mapping=mapping, stored=True),
            max_bad=0.0,
            bulk=bulk,
        )
        return ingest_files(self._settings, request, self._report)

    def _rest(self, files: list[FileReport], registry_rows: int) -> ImportReport:
        written: tuple[int, ...] = ()
        graphs: tuple[str, ...] = ()
        list_changes = 0
        with open_graph(self._settings) as graph:
            forgotten = self._forgotten()
            if "facts" in self._what:
                self._entities(graph)
                feedback_import.fact_dislikes(graph, self._rows, forgotten)
            if "users" in self._what:
                feedback_import.aliases(graph, self._rows, forgotten)
            if "shown" in self._what:
                shown_import.restore(graph, self._rows, forgotten)
            if "vectors" in self._what:
                written = GenerationImport(graph, self._folder, self._manifest).write(self._report)
                if items := self._forgotten_items(forgotten):
                    item_list_removal.remove(graph, items)
                kinds = self._settings.event_weights
                built = json.loads(self._folder.read(derived_graphs.DOCUMENT))
                graphs = derived_graphs.build(graph, built, kinds, self._report)
            if "lists" in self._what:
                changes = json.loads(self._folder.read(LISTS))
                list_changes = stored_lists.restore(graph, changes)
            self._mark_newest_batch(graph)
        return ImportReport(tuple(files), written, graphs, list_changes, registry_rows)

    def _mark_newest_batch(self, graph: GraphClient) -> None:
        """Leave the mark of a batch above those of the folder: the next night finds it new."""
        newest = self._manifest.newest_batch
        generation_records.raise_batches(graph, newest)
        if (pull.newest_batch(graph) or 0) < newest:
            batch_writes.mark_removal(graph)

    def _entities(self, graph: GraphClient) -> None:
        for rows in self._rows.batches("entities", ("type", "id")):
            by_kind: dict[str, list[str]] = {}
            for row in rows.to_pylist():
                by_kind.setdefault(row["type"], []).append(row["id"])
            for kind, ids in by_kind.items():
                batch_writes.merge_entities(graph, EntityKind(kind), ids)

    def _forgotten(self) -> Tombstones:
        with open_registry(self._settings) as registry:
            return ForgottenIds(registry, self._settings.home).snapshot()

    def _forgotten_items(self, forgotten: Tombstones) -> list[str]:
        """Return the items of the generations that were forgotten since, or elsewhere."""
        if not forgotten:
            return []
        found: set[str] = set()
        for number in generation_tables.numbers_in(self._manifest):
            table = f"{generation_tables.folder_of_generation(number)}/items"
            for rows in self._rows.batches(table, ("id",)):
                found |= forgotten.among("item", rows.column("id").to_pylist())
        return sorted(found)

    def _has(self, table: str) -> bool:
        return table in self._what and bool(self._manifest.of(table))

    def _path(self, table: str) -> Path:
        return self._folder.path / table

    def _columns(self, table: str) -> Iterable[str]:
        if not self._has(table):
            return
        for one in self._manifest.of(table):
            yield from pyarrow.parquet.read_schema(self._path(one.name)).names

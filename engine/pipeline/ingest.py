"""Load files: read, judge every row, write what is new, account for all of them.

Every row ends as exactly one of accepted, duplicate, quarantined. Nothing here needs to be undone
after a kill: each batch is in the graph whole or not at all, and keys tell what is there.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from engine.data import columns, events, facts
from engine.data.events import DEFAULT_EVENT, EventContract
from engine.data.rejection import Rejection
from engine.data.table_reader import Block, read_blocks
from engine.errors import FileRefused, TooManyBadRows
from engine.graph import ingest as verbs
from engine.pipeline.quarantine import Quarantine
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

BATCH_ROWS = 20_000
_ENOUGH_TO_JUDGE = 1_000
Advance = Callable[[str, int], None]
"""Called with (name of the file, rows so far)."""


@dataclass(frozen=True)
class IngestRequest:
    """What to load and how to read it; see ``engine ingest --help``."""

    events: Path | None = None
    items: Path | None = None
    users: Path | None = None
    facts: Path | None = None
    format: str = "auto"
    mapping: Mapping[str, str] = field(default_factory=dict)
    default_event: str = DEFAULT_EVENT
    allowed_events: tuple[str, ...] = ()
    head_type: str = "Item"
    tail_type: str = "Thing"
    max_bad: float = 1.0


@dataclass
class FileReport:
    """What became of the rows of one file."""

    file: str
    kind: str
    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    quarantine_file: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return asdict(self)


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
        (request.items, "items", _load_attributes),
        (request.users, "users", _load_attributes),
        (request.events, "events", _load_events),
        (request.facts, "facts", _load_facts),
    ]
    reports = []
    for path, kind, load in wanted:
        if path is not None:
            loader = _Load(graph, registry, request, home / "quarantine", advance)
            reports.append(loader.run(path, kind, load))
    return reports


class _Load:
    """One file on its way into the graph."""

    def __init__(
        self,
        graph: GraphClient,
        registry: Registry,
        request: IngestRequest,
        folder: Path,
        advance: Advance,
    ) -> None:
        self.graph = graph
        self.registry = registry
        self.request = request
        self.folder = folder
        self.advance = advance
        self.number = 0

    def run(
        self, path: Path, kind: str, load: Callable[["_Load", FileReport, Path, Quarantine], None]
    ) -> FileReport:
        """Load one file and record how it ended."""
        report = FileReport(path.name, kind)
        before = _fingerprint(path)
        self.number = self.registry.start_ingest(str(path), before[0], kind)
        status = "failed"
        with Quarantine(self.folder, self.number, path) as quarantine:
            try:
                load(self, report, path, quarantine)
                self._check_bad(report, final=True)
                if _fingerprint(path) != before:
                    raise FileRefused(
                        f"{path.name} changed while it was read",
                        code="changed",
                        hint="run the same command again: what was loaded is recognised",
                    )
                status = "finished"
            finally:
                report.reasons = dict(quarantine.counts)
                report.quarantine_file = str(quarantine.path) if quarantine.counts else None
                self.registry.finish_ingest(
                    self.number,
                    rows_read=report.read,
                    accepted=report.accepted,
                    duplicate=report.duplicate,
                    quarantined=report.quarantined,
                    status=status,
                    quarantine_counts=report.reasons,
                )
        return report

    def count(self, report: FileReport, read: int, bad: list[Rejection], new: int) -> None:
        """Add a block to the report; what is neither new nor bad was a duplicate."""
        report.read += read
        report.accepted += new
        report.quarantined += len(bad)
        report.duplicate += read - new - len(bad)
        self.advance(report.file, report.read)
        self._check_bad(report, final=False)

    def _check_bad(self, report: FileReport, *, final: bool) -> None:
        allowed = self.request.max_bad
        judged = report.read >= _ENOUGH_TO_JUDGE or (final and report.read > 0)
        if judged and report.quarantined > allowed * report.read:
            raise TooManyBadRows(
                f"{report.quarantined} of {report.read} rows of {report.file} are bad, "
                f"more than {allowed:.0%}",
                hint=f"read why in {self.folder}, mend the file and load it again",
            )


def _load_events(load: _Load, report: FileReport, path: Path, quarantine: Quarantine) -> None:
    contract: EventContract | None = None
    seen_ids: set[str] = set()
    for block in read_blocks(path, load.request.format):
        contract = contract or _event_contract(block, load.request)
        frame, bad = events.validate(block, contract)
        new = 0
        for start in range(0, len(frame), BATCH_ROWS):
            part = frame.slice(start, BATCH_ROWS)
            fresh, conflicts = _only_new(load.graph, part)
            bad += conflicts
            if len(fresh):
                _merge_new_nodes(load.graph, fresh, seen_ids)
                verbs.create_events(load.graph, fresh, load.number)
            new += len(fresh)
        quarantine.add(bad)
        load.count(report, block.read, bad, new)


def _event_contract(block: Block, request: IngestRequest) -> EventContract:
    header = [name for name in block.frame.columns if name != "_row"]
    chosen = {k: v for k, v in request.mapping.items() if k in columns.EVENT_FIELDS}
    assigned = columns.assign(header, columns.EVENT_FIELDS, columns.EVENT_REQUIRED, chosen)
    return EventContract(assigned, request.default_event, request.allowed_events)


def _only_new(graph: GraphClient, part: pl.DataFrame) -> tuple[pl.DataFrame, list[Rejection]]:
    """Drop what is in the graph or stands twice; an id that means two things is a conflict."""
    known = verbs.known_events(graph, part["key"].to_list())
    first: dict[int, tuple[Any, ...]] = dict(known)
    keep, conflicts = [], []
    names = ("key", "row", "user", "item", "event", "at", "weight")
    for key, row, *content in part.select(names).iter_rows():
        stands = first.get(key)
        keep.append(stands is None)
        if stands is None:
            first[key] = tuple(content)
        elif stands != tuple(content):
            raw = ",".join(str(cell) for cell in content)
            conflicts.append(Rejection(row, "conflict", "event_id", raw))
    return part.filter(pl.Series(keep, dtype=pl.Boolean)), conflicts


def _merge_new_nodes(graph: GraphClient, fresh: pl.DataFrame, seen: set[str]) -> None:
    """Create users and items; ``seen`` saves asking again for those of earlier batches."""
    users = [id_ for id_ in fresh["user"].unique().sort() if "u" + id_ not in seen]
    items = [id_ for id_ in fresh["item"].unique().sort() if "i" + id_ not in seen]
    verbs.merge_users(graph, users)
    verbs.merge_items(graph, items)
    seen.update("u" + id_ for id_ in users)
    seen.update("i" + id_ for id_ in items)


def _load_attributes(load: _Load, report: FileReport, path: Path, quarantine: Quarantine) -> None:
    label, id_field = ("Item", "item_id") if report.kind == "items" else ("User", "user_id")
    seen: dict[str, dict[str, Any]] = {}
    for block in read_blocks(path, load.request.format):
        header = [name for name in block.frame.columns if name != "_row"]
        fields = {id_field: columns.EVENT_FIELDS[id_field]}
        chosen = {k: v for k, v in load.request.mapping.items() if k not in columns.EVENT_FIELDS}
        id_column = columns.assign(header, fields, (id_field,), {})[id_field]
        targets = columns.attributes(header, id_column, chosen if report.kind == "items" else {})
        rows, bad = [], list(block.broken)
        frame = block.frame.select("_row", id_column, *dict.fromkeys(targets.values()))
        for named in frame.iter_rows(named=True):
            id_ = named[id_column]
            properties = _attributes(named, targets)
            if not id_ or len(id_.encode()) > events.MAX_ID_BYTES:
                code = "too-long" if id_ else "required-value"
                bad.append(Rejection(named["_row"], code, id_field, str(named)))
            elif id_ not in seen:
                seen[id_] = properties
                rows.append({"id": id_, "attributes": properties})
            elif seen[id_] != properties:
                bad.append(Rejection(named["_row"], "conflict", id_field, str(named)))
        for start in range(0, len(rows), BATCH_ROWS // 4):
            verbs.set_attributes(load.graph, label, rows[start : start + BATCH_ROWS // 4])
        quarantine.add(bad)
        load.count(report, block.read, bad, len(rows))


def _attributes(row: Mapping[str, Any], targets: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, column in targets.items():
        value = row[column]
        if value is None or value == "":
            continue
        if name == "hidden":
            found[name] = str(value).lower() in ("true", "1", "yes")
        elif name == "expires_at":
            found[name] = int(float(value)) if str(value).replace(".", "").isdigit() else value
        else:
            found[name] = value
    return found


def _load_facts(load: _Load, report: FileReport, path: Path, quarantine: Quarantine) -> None:
    defaults = {"head_type": load.request.head_type, "tail_type": load.request.tail_type}
    for block in read_blocks(path, load.request.format):
        header = [name for name in block.frame.columns if name != "_row"]
        chosen = {k: v for k, v in load.request.mapping.items() if k in columns.FACT_FIELDS}
        assigned = columns.assign(header, columns.FACT_FIELDS, columns.FACT_REQUIRED, chosen)
        frame, bad = facts.validate(block, assigned, defaults)
        _merge_ends(load.graph, frame)
        new = 0
        parts = frame.unique("key", maintain_order=True).partition_by(
            ["relation", "head_type", "tail_type"], as_dict=True
        )
        for (relation, head, tail), part in parts.items():
            ends = (facts.EntityKind(str(head)), facts.EntityKind(str(tail)))
            rows = [list(row) for row in part.select("head", "tail", "key").iter_rows()]
            for start in range(0, len(rows), BATCH_ROWS):
                batch = rows[start : start + BATCH_ROWS]
                new += verbs.merge_facts(load.graph, str(relation), ends, batch, load.number)
        quarantine.add(bad)
        load.count(report, block.read, bad, new)


def _merge_ends(graph: GraphClient, frame: pl.DataFrame) -> None:
    for side in ("head", "tail"):
        parts = frame.select(side, f"{side}_type").unique(maintain_order=True)
        for (name,), part in parts.partition_by(f"{side}_type", as_dict=True).items():
            kind, ids = facts.EntityKind(str(name)), part[side].to_list()
            if kind.is_entity:
                verbs.merge_entities(graph, kind, ids)
            elif kind.name == "Item":
                verbs.merge_items(graph, ids)
            else:
                verbs.merge_users(graph, ids)


def _fingerprint(path: Path) -> tuple[str, int, int]:
    if not path.is_file():
        raise FileRefused(f"{path}: no such file", code="missing-file", hint="check the path")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    stat = path.stat()
    return digest, stat.st_size, stat.st_mtime_ns

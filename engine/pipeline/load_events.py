"""Load events: judge every row, drop what is known, write the rest batch by batch.

May import: ``load``, ``graph``, ``data``.
"""

from pathlib import Path
from typing import Any

import polars as pl

from engine.data import columns, events
from engine.data.events import EventContract
from engine.data.rejection import Rejection
from engine.data.table_reader import Block, read_blocks
from engine.graph import ingest as verbs
from engine.pipeline.load import BATCH_ROWS, FileReport, IngestRequest, Load
from engine.pipeline.quarantine import Quarantine
from engine.store.graph_client import GraphClient


def load_events(load: Load, report: FileReport, path: Path, quarantine: Quarantine) -> None:
    """Load the events of a file; the users and items of them are created where they are new."""
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

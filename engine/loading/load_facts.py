"""Load facts of the knowledge graph, user-user and item-item ones included."""

from pathlib import Path

import polars as pl

from engine.data import facts
from engine.data.reading import columns
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.table_reader import read_blocks
from engine.graph import ingest as verbs
from engine.loading.load import BATCH_ROWS, FileReport, IngestRequest, Load
from engine.loading.quarantine import Quarantine
from engine.store.graph_client import GraphClient

_UNTYPED = "Thing"


def load_facts(
    graph: GraphClient, load: Load, report: FileReport, path: Path, quarantine: Quarantine
) -> None:
    """Load the facts of a file; the nodes they join are created where they are new."""
    request = load.request
    links = _links(request.links, request.reading) if request.links else None
    defaults = {
        "head_type": request.head_type or (_UNTYPED if request.links else "Item"),
        "tail_type": request.tail_type or _UNTYPED,
        "relation": request.relation,
    }
    for block in read_blocks(path, request.reading.of("facts")):
        assigned = _assigned(block.header, request)
        frame, bad = facts.validate(block, assigned, defaults, links)
        _merge_ends(graph, frame)
        new = 0
        parts = frame.unique("key", maintain_order=True).partition_by(
            ["relation", "head_type", "tail_type"], as_dict=True
        )
        for (relation, head, tail), part in parts.items():
            ends = (facts.EntityKind(str(head)), facts.EntityKind(str(tail)))
            rows = [list(row) for row in part.select("head", "tail", "key").iter_rows()]
            for start in range(0, len(rows), BATCH_ROWS):
                batch = rows[start : start + BATCH_ROWS]
                new += verbs.merge_facts(graph, str(relation), ends, batch, load.number)
        load.describe(frame.filter(pl.col("head_type") == "Item")["head"].unique())
        quarantine.add(bad, block)
        report.blank_lines += block.blank_lines
        report.unused_columns = columns.unused(block.header, assigned)
        load.count(report, block.read, bad, new)


def _assigned(header: list[str], request: IngestRequest) -> dict[str, str]:
    chosen = {k: v for k, v in request.reading.mapping.items() if k in columns.FACT_FIELDS}
    required = [
        name for name in columns.FACT_REQUIRED if name != "relation" or not request.relation
    ]
    return columns.assign(header, columns.FACT_FIELDS, required, chosen)


def _links(path: Path, options: ReadOptions) -> pl.DataFrame:
    """Return ``entity_id, item_id`` of a file of links; the first line of an entity counts."""
    parts = []
    for block in read_blocks(path, options.beside("links")):
        assigned = columns.assign(block.header, columns.LINK_FIELDS, columns.LINK_REQUIRED, {})
        parts.append(block.frame.select(pl.col(assigned[name]).alias(name) for name in assigned))
    return pl.concat(parts).drop_nulls().unique("entity_id", keep="first", maintain_order=True)


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

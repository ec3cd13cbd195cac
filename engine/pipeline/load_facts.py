"""Load facts of the knowledge graph, user-user and item-item ones included.

May import: ``load``, ``graph``, ``data``.
"""

from pathlib import Path

import polars as pl

from engine.data import columns, facts
from engine.data.table_reader import read_blocks
from engine.graph import ingest as verbs
from engine.pipeline.load import BATCH_ROWS, FileReport, Load
from engine.pipeline.quarantine import Quarantine
from engine.store.graph_client import GraphClient


def load_facts(load: Load, report: FileReport, path: Path, quarantine: Quarantine) -> None:
    """Load the facts of a file; the nodes they join are created where they are new."""
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

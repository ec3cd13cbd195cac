"""Load facts of the knowledge graph, user-user and item-item ones included."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from engine.data import facts
from engine.data.entity_kinds import EntityKind
from engine.data.reading import columns
from engine.data.reading.header import bare_name
from engine.data.reading.part_names import refusals_of
from engine.data.reading.read_options import ReadOptions
from engine.graph import aliases
from engine.graph import batch_writes as verbs
from engine.loading import source_files
from engine.loading.file_load import FileLoad
from engine.loading.file_validation import FileValidation
from engine.loading.forgotten_rows import leave_out_facts
from engine.loading.load import BATCH_ROWS, IngestRequest
from engine.store.graph_client import GraphClient

_UNTYPED = "Thing"


def validate_facts(file: FileValidation) -> None:
    """Validate every row of a file of facts.

    Raises:
        FileRefused: The file, or that of the links, cannot be read, or lacks a column it needs.
        TooManyBadRows: More than ``max_bad`` of its rows are bad.
    """
    request = file.request
    links = _links(request.links, request.reading) if request.links else None
    defaults = {
        "head_type": request.head_type or (_UNTYPED if request.links else "Item"),
        "tail_type": request.tail_type or _UNTYPED,
        "relation": request.relation,
    }
    options = request.reading.of("facts")
    for part, read in file.blocks(lambda header: _assigned(header, request).values()):
        block = read
        assigned = _assigned(block.header, request)
        file.report.notes.of_fields(block, assigned, options)
        frame, bad = facts.validate(block, assigned, defaults, links, stored=options.stored)
        block, frame, bad = leave_out_facts(block, frame, bad, file.forgotten)
        file.add_block(part, block, bad, frame)


def write_facts(graph: GraphClient, file: FileLoad) -> None:
    """Write the validated facts; the nodes they join are created where they are new."""
    for part, read in file.rows.batches():
        frame = _of_current_users(graph, read)
        _merge_ends(graph, frame)
        new = 0
        parts = frame.unique("key", maintain_order=True).partition_by(
            ["relation", "head_type", "tail_type"], as_dict=True
        )
        for (relation, head, tail), alike in parts.items():
            ends = (EntityKind(str(head)), EntityKind(str(tail)))
            rows = [list(row) for row in alike.select("head", "tail", "key").iter_rows()]
            for start in range(0, len(rows), BATCH_ROWS):
                batch = rows[start : start + BATCH_ROWS]
                new += verbs.merge_facts(graph, str(relation), ends, batch, file.number)
        file.load.describe(frame.filter(pl.col("head_type") == "Item")["head"].unique())
        file.add_written(part, len(frame), new)


def _assigned(header: Sequence[str], request: IngestRequest) -> dict[str, str]:
    chosen = {k: v for k, v in request.reading.mapping.items() if k in columns.FACT_FIELDS}
    required = [
        name for name in columns.FACT_REQUIRED if name != "relation" or not request.relation
    ]
    return columns.assign(header, columns.FACT_FIELDS, required, chosen, request.reading.skip)


def _links(path: Path, options: ReadOptions) -> pl.DataFrame:
    """Return ``entity_id, item_id`` of a file of links; the first line of an entity counts."""
    parts = []
    source = source_files.find(path)
    for _, block in source_files.part_blocks(source, options.beside("links"), "links"):
        chosen = {k: v for k, v in options.mapping.items() if k in columns.LINK_FIELDS}
        header = block.header
        chosen = {k: v for k, v in chosen.items() if v in (*header, *map(bare_name, header))}
        with refusals_of(source.name):
            assigned = columns.assign(
                header, columns.LINK_FIELDS, columns.LINK_REQUIRED, chosen, options.skip
            )
        parts.append(block.frame.select(pl.col(assigned[name]).alias(name) for name in assigned))
    return pl.concat(parts).drop_nulls().unique("entity_id", keep="first", maintain_order=True)


def _of_current_users(graph: GraphClient, frame: pl.DataFrame) -> pl.DataFrame:
    """Return facts whose users are those whom their ids stand for now."""
    for side in ("head", "tail"):
        of_users = pl.col(f"{side}_type") == "User"
        found = aliases.current(graph, frame.filter(of_users)[side].unique().to_list())
        if found:
            current = pl.when(of_users).then(pl.col(side).replace(found)).otherwise(pl.col(side))
            frame = frame.with_columns(current.alias(side))
    return frame


def _merge_ends(graph: GraphClient, frame: pl.DataFrame) -> None:
    for side in ("head", "tail"):
        parts = frame.select(side, f"{side}_type").unique(maintain_order=True)
        for (name,), part in parts.partition_by(f"{side}_type", as_dict=True).items():
            kind, ids = EntityKind(str(name)), part[side].to_list()
            if kind.is_entity:
                verbs.merge_entities(graph, kind, ids)
            elif kind.name == "Item":
                verbs.merge_items(graph, ids)
            else:
                verbs.merge_users(graph, ids)

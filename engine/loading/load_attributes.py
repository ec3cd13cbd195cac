"""Load attributes of items or users."""

from pathlib import Path

from engine.data import attributes
from engine.data.reading import columns
from engine.data.reading.block import Block
from engine.data.reading.table_reader import read_blocks
from engine.graph import ingest as verbs
from engine.loading.load import BATCH_ROWS, FileReport, IngestRequest, Load
from engine.loading.quarantine import Quarantine
from engine.store.graph_client import GraphClient


def load_attributes(
    graph: GraphClient, load: Load, report: FileReport, path: Path, quarantine: Quarantine
) -> None:
    """Load the attributes of the items or users of a file; others of a node stay.

    A row that changes nothing is a duplicate. Between files the later one counts; within a file a
    row that contradicts an earlier one is quarantined.
    """
    label, id_field = ("Item", "item_id") if report.kind == "items" else ("User", "user_id")
    told = attributes.SeenAttributes()
    for block in read_blocks(path, load.request.reading.of(report.kind)):
        id_column, targets = _targets(block, id_field, load.request)
        described, bad = attributes.validate(block, id_column, targets)
        news, contrary = told.news(described)
        bad += contrary
        rows = [{"id": one.id, "attributes": dict(one.attributes)} for one in news]
        new = 0
        for start in range(0, len(rows), BATCH_ROWS // 4):
            new += verbs.set_attributes(graph, label, rows[start : start + BATCH_ROWS // 4])
        if label == "Item":
            load.describe(one.id for one in news)
        quarantine.add(bad, block)
        report.blank_lines += block.blank_lines
        load.count(report, block.read, bad, new)


def _targets(block: Block, id_field: str, request: IngestRequest) -> tuple[str, dict[str, str]]:
    """Return the column of the id, and attribute -> column.

    A ``--map`` goes for every file of a command, so here it counts where the file has the column.
    """
    named = {columns.bare_name(column) for column in block.header}
    chosen = {field: column for field, column in request.reading.mapping.items() if column in named}
    # In a file of items, `id` can only be the item's.
    aliases = {id_field: (*columns.EVENT_FIELDS[id_field], "id")}
    own = {id_field: chosen[id_field]} if id_field in chosen else {}
    id_column = columns.assign(block.header, aliases, (id_field,), own).get(id_field, "")
    others = {field: column for field, column in chosen.items() if field != id_field}
    return id_column, columns.attributes(block.header, id_column, others)

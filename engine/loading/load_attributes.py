"""Load attributes of items or users."""

from collections.abc import Sequence
from pathlib import Path

from engine.data import attributes
from engine.data.reading import columns
from engine.data.reading.columns import AttributeColumns
from engine.data.reading.header import bare_name
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.table_reader import read_blocks
from engine.graph import ingest as verbs
from engine.loading.load import BATCH_ROWS, FileReport, Load
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
    options = load.request.reading.of(report.kind)

    def used(header: Sequence[str]) -> list[str]:
        id_column, found = _targets(header, id_field, options)
        return [id_column, *found.targets.values()]

    for block in read_blocks(path, options, used):
        id_column, found = _targets(block.header, id_field, options)
        described, bad = attributes.validate(block, id_column, found.targets)
        news, contrary = told.news(described)
        bad += contrary
        rows = [{"id": one.id, "attributes": dict(one.attributes)} for one in news]
        new = 0
        for start in range(0, len(rows), BATCH_ROWS // 4):
            batch = rows[start : start + BATCH_ROWS // 4]
            new += verbs.set_attributes(graph, label, batch, load.number)
        if label == "Item":
            load.describe(one.id for one in news)
        quarantine.add(bad, block)
        report.notes.of_block(block, options)
        report.notes.of_attributes(id_field, id_column, found)
        report.blank_lines += block.blank_lines
        load.count(report, block.read, bad, new)


def _targets(
    header: Sequence[str], id_field: str, options: ReadOptions
) -> tuple[str, AttributeColumns]:
    """Return the column of the id, and which attribute is which column.

    A ``--map`` goes for every file of a command, so here it counts where the file has the column.
    """
    named = {*header, *map(bare_name, header)}
    chosen = {field: column for field, column in options.mapping.items() if column in named}
    # In a file of items, `id` can only be the item's.
    fields = {id_field: (*columns.EVENT_FIELDS[id_field], ("id",))}
    own = {id_field: chosen[id_field]} if id_field in chosen else {}
    assigned = columns.assign(header, fields, (id_field,), own, options.skip)
    id_column = assigned.get(id_field, "")
    others = {field: column for field, column in chosen.items() if field != id_field}
    return id_column, columns.attributes(header, id_column, others, options.skip)

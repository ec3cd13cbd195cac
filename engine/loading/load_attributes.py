"""Load attributes of items or users: validate every row of a file, then write what is new."""

import json

import polars as pl

from engine.data import attributes
from engine.data.reading import columns
from engine.data.reading.block import Block
from engine.graph import ingest as verbs
from engine.loading.file_load import FileLoad
from engine.loading.file_validation import FileValidation
from engine.loading.load import BATCH_ROWS, IngestRequest
from engine.store.graph_client import GraphClient

_BATCH_ROWS = BATCH_ROWS // 4
_SCHEMA = {"id": pl.String, "attributes": pl.String}


def validate_attributes(file: FileValidation) -> None:
    """Validate every row of a file of items or users.

    A row that says what an earlier one said is a duplicate, one that contradicts it is quarantined.

    Raises:
        FileRefused: The file cannot be read, or lacks a column it needs.
        TooManyBadRows: More than ``max_bad`` of its rows are bad.
    """
    id_field = "item_id" if file.kind == "items" else "user_id"
    told = attributes.SeenAttributes()
    for part, block in file.blocks():
        id_column, targets = _targets(block, id_field, file.request)
        described, bad = attributes.validate(block, id_column, targets)
        news, contrary = told.news(described)
        rows = [(one.id, json.dumps(dict(one.attributes))) for one in news]
        file.add_block(part, block, bad + contrary, pl.DataFrame(rows, _SCHEMA, orient="row"))


def write_attributes(graph: GraphClient, file: FileLoad) -> None:
    """Set the validated attributes; others of a node stay, and between files the later one counts.

    A row that changes nothing is a duplicate.
    """
    label = "Item" if file.kind == "items" else "User"
    for part, frame in file.rows.batches():
        for start in range(0, len(frame), _BATCH_ROWS):
            batch = frame.slice(start, _BATCH_ROWS)
            rows = [{"id": id_, "attributes": json.loads(text)} for id_, text in batch.iter_rows()]
            new = verbs.set_attributes(graph, label, rows, file.number)
            file.add_written(part, len(rows), new)
        if label == "Item":
            file.load.describe(frame["id"])


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

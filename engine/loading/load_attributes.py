"""Load attributes of items or users: validate every row of a file, then write what is new."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Literal

import polars as pl

from engine.data import attributes
from engine.data.reading import columns
from engine.data.reading.columns import AttributeColumns
from engine.data.reading.header import bare_name
from engine.data.reading.read_options import ReadOptions
from engine.data.tombstone import ForgettableKind
from engine.data.vector_columns import VectorColumns
from engine.graph import batch_writes as verbs
from engine.graph.pulling import pull_vectors
from engine.loading.file_load import FileLoad
from engine.loading.file_validation import FileValidation
from engine.loading.fitted_vectors import fitted
from engine.loading.load import BATCH_ROWS
from engine.store.graph_client import GraphClient

_BATCH_ROWS = BATCH_ROWS // 4
_BATCH_NUMBERS = 128_000
_Batches = Iterator[tuple[int, list[dict[str, Any]]]]
_SCHEMA = {"id": pl.String, "attributes": pl.String}


def validate_attributes(file: FileValidation) -> None:
    """Validate every row of a file of items or users.

    A row that repeats an earlier one is a duplicate, one that contradicts it is quarantined.

    Raises:
        FileRefused: The file cannot be read, or lacks a column it needs.
        TooManyBadRows: More than ``max_bad`` of its rows are bad.
    """
    id_field = "item_id" if file.kind == "items" else "user_id"
    seen, vectors = attributes.SeenAttributes(), VectorColumns()
    options = file.request.reading.of(file.kind)

    def used(header: Sequence[str]) -> list[str]:
        id_column, found = _targets(header, id_field, options)
        return [id_column, *found.targets.values()]

    kind: ForgettableKind = "item" if file.kind == "items" else "user"
    for part, whole in file.blocks(used):
        id_column, found = _targets(whole.header, id_field, options)
        block = file.remembered(whole, {kind: [id_column]})
        file.report.notes.of_block(block, options)
        file.report.notes.of_attributes(id_field, id_column, found)
        described, bad = attributes.validate(
            block, id_column, found.targets, vectors, stored=options.stored
        )
        new, contrary = seen.new_rows(described)
        rows = [(one.id, json.dumps(dict(one.attributes))) for one in new]
        file.add_block(part, block, bad + contrary, pl.DataFrame(rows, _SCHEMA, orient="row"))


def write_attributes(graph: GraphClient, file: FileLoad) -> None:
    """Set the validated attributes; others of a node stay, and between files the later one counts.

    A row that changes nothing is a duplicate. What was in a graph is written as it was there.

    Raises:
        FileRefused: What is a vector in the graph is none in the file, or of another length;
            nothing of the file is written.
    """
    label: Literal["Item", "User"] = "Item" if file.kind == "items" else "User"
    batches: Callable[[FileLoad], _Batches] = _batches
    if not file.request.reading.of(file.kind).stored:
        batches = partial(_fitted_batches, widths=pull_vectors.vector_widths(graph, label))
        # All of them first, so that a file is refused before anything of it is written.
        for _ in batches(file):
            pass
    for part, rows in batches(file):
        new = verbs.set_attributes(graph, label, rows, file.number)
        file.add_written(part, len(rows), new)
        if label == "Item":
            file.load.describe(row["id"] for row in rows)


def _batches(file: FileLoad) -> _Batches:
    """Yield the number of a part and rows of a transaction."""
    for part, frame in file.rows.batches():
        for rows in in_batches(frame):
            yield part, rows


def _fitted_batches(file: FileLoad, widths: dict[str, int]) -> _Batches:
    """Yield the same, with the vectors that the graph has.

    Raises:
        FileRefused: Something is no such vector.
    """
    for part, rows in _batches(file):
        yield part, [fitted(row, widths, file.source.name) for row in rows]


def in_batches(frame: pl.DataFrame) -> Iterator[list[dict[str, Any]]]:
    """Yield rows of a transaction each: as many as have not too many numbers in their vectors."""
    rows: list[dict[str, Any]] = []
    numbers = 0
    for id_, text in frame.iter_rows():
        plain, vectors = attributes.vectors_apart(json.loads(text))
        rows.append({"id": id_, "attributes": plain, "vectors": vectors})
        numbers += sum(map(len, vectors.values()))
        if len(rows) >= _BATCH_ROWS or numbers >= _BATCH_NUMBERS:
            yield rows
            rows, numbers = [], 0
    if rows:
        yield rows


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

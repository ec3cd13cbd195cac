"""Load attributes of items or users: validate every row of a file, then write what is new."""

import itertools
import json
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import polars as pl

from engine.data import attributes
from engine.data.reading import columns
from engine.data.reading.columns import AttributeColumns
from engine.data.reading.header import bare_name
from engine.data.reading.read_options import ReadOptions
from engine.data.tombstone import ForgettableKind
from engine.data.vector_columns import VectorColumns
from engine.errors import FileRefused
from engine.graph import batch_writes as verbs
from engine.graph.pulling import pull_vectors
from engine.loading.file_load import FileLoad
from engine.loading.file_validation import FileValidation
from engine.loading.load import BATCH_ROWS
from engine.store.graph_client import GraphClient

_BATCH_ROWS = BATCH_ROWS // 4
_BATCH_NUMBERS = 128_000
_SHOWN_CHARACTERS = 60
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

    A row that changes nothing is a duplicate.

    Raises:
        FileRefused: What is a vector in the graph is none in the file, or of another length;
            nothing of the file is written.
    """
    label: Literal["Item", "User"] = "Item" if file.kind == "items" else "User"
    _check_vectors(file, pull_vectors.vector_widths(graph, label))
    for part, frame in file.rows.batches():
        for rows in in_batches(frame):
            new = verbs.set_attributes(graph, label, rows, file.number)
            file.add_written(part, len(rows), new)
        if label == "Item":
            file.load.describe(frame["id"])


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


def _check_vectors(file: FileLoad, widths: dict[str, int]) -> None:
    """Refuse a file whose attributes are not the vectors that the graph holds.

    Args:
        file: What was validated.
        widths: Attributes that are vectors in the graph, and how long they are.

    Raises:
        FileRefused: One is not.
    """
    batches = (rows for _, frame in file.rows.batches() for rows in in_batches(frame))
    for row in itertools.chain.from_iterable(batches):
        for name, vector in row["vectors"].items():
            if widths.setdefault(name, len(vector)) != len(vector):
                raise FileRefused(
                    f"{file.source.name}: {name} is a vector of {len(vector)} numbers, and of "
                    f"{widths[name]} in the graph",
                    code="vector-length",
                    hint=f"give the new ones a name of their own: --map {name}_2={name}",
                )
        for name, value in row["attributes"].items():
            if name in widths:
                raise FileRefused(
                    f"{file.source.name}: {name} of {row['id']} is {_shown(value)}, and a vector "
                    f"of {widths[name]} numbers in the graph",
                    code="vector-type",
                    hint=f"write lists of {widths[name]} numbers, leave the cell empty, or give "
                    f"what is there a name of its own: --map {name}_2={name}",
                )


def _shown(value: attributes.Value) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"


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

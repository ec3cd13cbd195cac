"""The tables of a folder that hold generations: vectors and what else stands on nodes, by label.

``vectors/g00003/users/part-….parquet`` has an ``id``, and a ``vector`` that is a list of fixed
length of 4-byte numbers; a generation without vectors has the columns of its kind alone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import pyarrow as pa

from engine.exchange.graph_tables import pages_of_nodes
from engine.exchange.manifest import GENERATIONS, Manifest
from engine.exchange.part_files import FolderTable, Pages, TablePage
from engine.exchange.property_columns import Shape
from engine.graph.embeddings import LABELS, Label, property_name
from engine.graph.exporting import generation_records, node_pages
from engine.graph.exporting.generation_records import ExportedGeneration
from engine.graph.exporting.node_pages import PropertyType
from engine.store.graph_client import GraphClient

DOCUMENT = GENERATIONS
FOLDERS: dict[Label, str] = {"User": "users", "Item": "items", "Entity": "entities"}
SIMILAR = "similar-users"
VECTOR = "vector"
_BYTES = "_numbers"


def folder_of_generation(number: int) -> str:
    """Return the folder of a generation's tables."""
    return f"vectors/g{number:05d}"


def numbers_in(manifest: Manifest) -> list[int]:
    """Return the generations of which a folder holds tables."""
    found = (re.match(r"vectors/g(\d+)/", one.name) for one in manifest.files)
    return sorted({int(match[1]) for match in found if match})


def document(client: GraphClient) -> dict[str, Any]:
    """Return what is no table: the generations' nodes, and the moves of the pointer."""
    return {
        "generations": [asdict(one) for one in generation_records.generations(client)],
        "moves": generation_records.pointer_moves(client),
    }


def generations_of(found: dict[str, Any]) -> list[ExportedGeneration]:
    """Return the generations of a document."""
    return [ExportedGeneration(**one) for one in found["generations"]]


def tables(client: GraphClient, numbers: Sequence[int]) -> Iterator[FolderTable]:
    """Yield the tables of generations, those without a row too."""
    types = {label: node_pages.property_types(client, label) for label in LABELS}
    for number in numbers:
        folder = folder_of_generation(number)
        for label in LABELS:
            own = [one for one in types[label] if generation_records.belongs_to(one.name, number)]
            name = f"{folder}/{FOLDERS[label]}"
            if shape := tuple(_of_one_type(own)):
                yield FolderTable(name, _property_pages(client, label, number, shape))
        yield FolderTable(f"{folder}/{SIMILAR}", _similar_pages(client, number))


def _of_one_type(properties: Sequence[PropertyType]) -> list[PropertyType]:
    """Return each property once; a list that is empty on some nodes has the type of the others."""
    by_name: dict[str, PropertyType] = {}
    for one in sorted(properties, key=lambda one: one.type == "LIST<NOTHING>"):
        first = by_name.setdefault(one.name, one)
        if first is not one:
            by_name[one.name] = replace(first, shortest=0)
    found = [by_name[name] for name in sorted(by_name)]
    # Cypher calls bytes a list of whole numbers.
    return [replace(one, type="BYTES") if one.name.endswith(_BYTES) else one for one in found]


def _property_pages(client: GraphClient, label: Label, number: int, shape: Shape) -> Pages:
    def has_any(values: Sequence[Any]) -> bool:
        return any(one is not None for one in values)

    return pages_of_nodes(client, label, shape, has_any, "id", partial(column_of, number=number))


def _similar_pages(client: GraphClient, number: int) -> Pages:
    def pages(place: str | None) -> Iterator[TablePage]:
        for page in generation_records.similar_users(client, number, place or ""):
            rows = [(user, other, score) for user, edges in page for other, score in edges]
            if rows:
                users, others, scores = zip(*rows, strict=True)
                columns = {
                    "user_id": pa.array(users, pa.string()),
                    "other_id": pa.array(others, pa.string()),
                    "score": pa.array(scores, pa.float64()),
                }
                yield TablePage(page[-1][0], pa.table(columns))

    return pages


def column_of(name: str, number: int) -> str:
    """Return the column of a property: ``vector``, or what stands behind a generation's name."""
    return name.removeprefix(property_name(number)).removeprefix("_") or VECTOR


def property_of(column: str, number: int) -> str:
    """Return the property of a column."""
    return property_name(number) if column == VECTOR else f"{property_name(number)}_{column}"

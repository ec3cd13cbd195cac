"""Properties of nodes as columns of Parquet, each of the type that the graph has."""

import itertools
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from engine.graph.exporting.node_pages import PropertyType

Shape = tuple[PropertyType, ...]
"""Properties, none of them twice."""

_COLUMNS = {
    "STRING": pa.string(),
    "BOOLEAN": pa.bool_(),
    "INTEGER": pa.int64(),
    "FLOAT": pa.float64(),
    "BYTES": pa.binary(),
    "LIST<STRING>": pa.list_(pa.string()),
    "LIST<INTEGER>": pa.list_(pa.int64()),
    "LIST<BOOLEAN>": pa.list_(pa.bool_()),
    "LIST<FLOAT>": pa.list_(pa.float64()),
}
_VALUES: dict[str, type] = {"STRING": str, "BOOLEAN": bool, "INTEGER": int, "FLOAT": float}
_LIST = "LIST<"


def shapes(properties: Sequence[PropertyType]) -> list[Shape]:
    """Return every way to choose a type for each property."""
    by_name: dict[str, list[PropertyType]] = {}
    for one in properties:
        by_name.setdefault(one.name, []).append(one)
    return list(itertools.product(*by_name.values()))


def fits(values: Sequence[Any], shape: Shape) -> bool:
    """Tell whether the values of a node have the types of a shape.

    What is missing fits any, and so does an empty list, which has no type of its own.
    """
    return all(_is_of(value, one.type) for value, one in zip(values, shape, strict=True))


def columns_of(shape: Shape, rows: Sequence[Sequence[Any]]) -> dict[str, pa.Array]:
    """Return a column for each property of a shape."""
    values = zip(*rows, strict=True) if rows else itertools.repeat((), len(shape))
    return {one.name: _column(one, list(cells)) for one, cells in zip(shape, values, strict=True)}


def _column(one: PropertyType, cells: list[Any]) -> pa.Array:
    fixed = one.type == "LIST<FLOAT>" and one.shortest == one.longest
    if fixed or not one.type.startswith(_LIST):
        cells = [None if cell == [] else cell for cell in cells]
    if one.name == "expires_at" and one.type == "INTEGER":
        return pa.array(cells, pa.int64()).cast(pa.timestamp("ms", tz="UTC"))
    if fixed:
        return pa.array(cells, pa.list_(pa.float32(), one.longest))
    if (kind := _COLUMNS.get(one.type)) is None:
        return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())
    return pa.array(cells, kind)


def _is_of(value: Any, kind: str) -> bool:
    if value is None or value == []:
        return True
    if kind.startswith(_LIST):
        member = kind.removeprefix(_LIST).removesuffix(">")
        return isinstance(value, list) and all(_is_of(one, member) for one in value[:1])
    return type(value) is _VALUES.get(kind, type(value))

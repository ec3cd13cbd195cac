"""Vectors that were made elsewhere: folders of Parquet files, read as a trained model.

``users/*.parquet`` and ``items/*.parquet`` have the columns ``id`` and ``vector``, a list of as
many numbers in every row; ``entities/`` may stand beside them, its ids such as ``Brand:69``. Other
columns are passed over; of folders and names ``part_names`` says what they mean. ``model.json`` may
say how the vectors score: names and values of ``TrainedModel``.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet

from engine.data.arrays import Float32Array
from engine.data.reading.parquet import NO_TEXT, text_cells
from engine.data.reading.part_names import is_passed_over
from engine.data.vocabulary import Vocabulary
from engine.errors import PublishRefused
from engine.training.checkpoint import TrainedModel

DESCRIPTION = "model.json"
DEFAULTS: dict[str, Any] = {
    "model": "vectors",
    "scoring": "cosine",
    "popularity_weight": 0.1,
    "again_weight": 0.5,
    "half_life_days": 120.0,
}
"""How vectors score where ``model.json`` does not say: those of LightGCN's default."""
_TYPES: dict[str, type | tuple[type, ...]] = {
    "model": str,
    "scoring": str,
    "popularity_weight": (int, float),
    "again_weight": (int, float),
    "half_life_days": (int, float),
    "drift_weight": (int, float),
    "data_watermark": int,
}
_WHOLE_NUMBERS = range(-(1 << 63), 1 << 63)
"""Those that the graph can hold."""
_SHAPE = "write users/part-0.parquet and items/part-0.parquet with the columns id and vector"


def read(folder: Path) -> TrainedModel:
    """Return the vectors of a folder as a model, to be checked and published like any other.

    Raises:
        PublishRefused: A folder, a column or a vector is missing, or a value is not allowed.
        FileRefused: A folder is still being written.
    """
    (users, user_vectors), (items, item_vectors) = _side(folder / "users"), _side(folder / "items")
    entities: tuple[Vocabulary, Float32Array | None] = Vocabulary([]), None
    if (folder / "entities").is_dir():
        entities = _side(folder / "entities")
    return TrainedModel(
        user_vectors=user_vectors,
        item_vectors=item_vectors,
        users=users,
        items=items,
        entities=entities[0],
        entity_vectors=entities[1],
        **DEFAULTS | _description(folder / DESCRIPTION),
    )


def _side(folder: Path) -> tuple[Vocabulary, Float32Array]:
    """Return the ids of a folder in the order of its files, and ``(n, d) float32``."""
    files = list(_files(folder)) if folder.is_dir() else []
    if not files:
        raise PublishRefused(f"{folder} holds no .parquet file", hint=_SHAPE)
    parts = [_shard(file) for file in files]
    widths = {vectors.shape[1] for _, vectors in parts if len(vectors)}
    if len(widths) > 1:
        raise PublishRefused(
            f"the vectors of {folder} have {' and '.join(map(str, sorted(widths)))} numbers: "
            "all must have one width",
            hint="write them anew from one model",
        )
    ids = [id_ for some, _ in parts for id_ in some]
    try:
        known = Vocabulary(ids)
    except ValueError as error:
        raise PublishRefused(
            f"an id stands twice in {folder}", hint="write each id with one vector"
        ) from error
    return known, np.concatenate([vectors for _, vectors in parts if len(vectors) or not widths])


def _files(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if is_passed_over(entry.name, folder.name):
            continue
        if entry.is_dir():
            yield from _files(entry)
        elif entry.suffix == ".parquet":
            yield entry


def _shard(file: Path) -> tuple[list[str], Float32Array]:
    try:
        table = pyarrow.parquet.read_table(file, columns=["id", "vector"])
    except (OSError, pa.ArrowException) as error:
        raise PublishRefused(f"{file} cannot be read: {error}", hint=_SHAPE) from error
    kind = table.schema.field("vector").type if "vector" in table.column_names else None
    if "id" not in table.column_names or kind is None or not _is_list_of_numbers(kind):
        raise PublishRefused(f"{file} lacks the columns id and vector, a list", hint=_SHAPE)
    if table["id"].null_count or table["vector"].null_count:
        raise PublishRefused(f"{file} holds a row without id or vector", hint=_SHAPE)
    ids = _ids(table["id"], file)
    lists = table["vector"].combine_chunks()
    lengths = pyarrow.compute.unique(pyarrow.compute.list_value_length(lists)).to_pylist()
    if len(lengths) > 1:
        raise PublishRefused(
            f"{file} holds vectors of {' and '.join(map(str, sorted(lengths)))} numbers: "
            "all must have one width",
            hint="write them anew from one model",
        )
    with np.errstate(over="ignore"):  # what is infinite then is refused
        numbers = lists.flatten().to_numpy(zero_copy_only=False).astype(np.float32, copy=False)
    return ids, numbers.reshape(len(ids), *(lengths or [0]))


def _ids(column: pa.ChunkedArray, file: Path) -> list[str]:
    """Return ids as a load reads them: 4006381333931.0 is 4006381333931."""
    refused = PublishRefused(f"{file} has ids of type {column.type} that are no texts", hint=_SHAPE)
    if pa.types.is_nested(column.type):
        raise refused
    try:
        ids = [id_ for chunk in column.chunks for id_ in text_cells(chunk).to_list()]
    except NO_TEXT as error:
        raise refused from error
    if None in ids:
        raise refused
    return ids


def _is_list_of_numbers(kind: pa.DataType) -> bool:
    is_list = pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind)
    is_list = is_list or pa.types.is_large_list(kind)
    return bool(is_list and pa.types.is_floating(kind.value_type))


def _description(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PublishRefused(f"{file} cannot be read: {error}", hint="write it as JSON") from error
    wrong = [
        name
        for name, value in (told.items() if isinstance(told, dict) else ())
        if name not in _TYPES or not _is_allowed(name, value)
    ]
    if not isinstance(told, dict) or wrong:
        raise PublishRefused(
            f"{file} must be an object of {', '.join(_TYPES)}"
            + (f"; not allowed: {', '.join(wrong)}" if wrong else ""),
            hint='{"model": "als", "scoring": "dot"}',
        )
    return told


def _is_allowed(name: str, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, _TYPES[name]):
        return False
    return not isinstance(value, int) or value in _WHOLE_NUMBERS

r"""Attributes of users and items: what a cell becomes, and which rows of a file say something new.

An attribute is the text of its cell. Five things are more than text: lists of numbers are vectors
by the rule of ``vector_columns``, packed; RecBole's ``*_seq`` columns and other JSON arrays are
lists of texts; ``hidden`` is a boolean, ``expires_at`` is a time in epoch milliseconds, by the rule
of ``timestamps``. An empty cell says nothing, and so do the words of
databases and data frames for a missing one (``\N``, ``NULL``, ``<NA>``, ``NaN``) and an object:
the attribute stays as it is.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.data.arrays import Float32Array, Int64Array
from engine.data.hashing import hash64_all
from engine.data.id_rule import id_fault, is_word_for_nothing, stored_id_fault
from engine.data.reading.block import NESTED, Block, plain, repeats_names
from engine.data.reading.header import is_sequence
from engine.data.reading.packed_vectors import PACKED, unpack
from engine.data.reading.rejection import Rejection
from engine.data.reading.timestamps import to_epoch_ms
from engine.data.vector_columns import EMPTY_LISTS, VectorColumns, VectorFault, stored_vector

_NOTHING = (
    "", "\\N", "<NA>", "NaT", "NaN", "nan", "NULL", "null", "undefined", "#N/A", "#NAME?", "#REF!",
    "#VALUE!", "#DIV/0!", "#NUM!", "#NV", "[object Object]",
)  # fmt: skip
_YES = ("true", "1", "yes", "1.0", "t", "y", "on")
_NO = ("false", "0", "no", "0.0", "f", "n", "off")
_MOMENT = "_expires_at"
_NO_LISTS = ("name", "hidden", "expires_at")
Value = str | bool | int | list[str]


@dataclass(frozen=True)
class AttributeRow:
    """One user or item and what a row says about it."""

    row: int
    id: str
    attributes: Mapping[str, Value]


def validate(
    block: Block,
    id_column: str,
    targets: Mapping[str, str],
    vectors: VectorColumns | None = None,
    *,
    stored: bool = False,
) -> tuple[list[AttributeRow], list[Rejection]]:
    """Return what the rows say and the rejected ones.

    Args:
        block: Rows of the file.
        id_column: Column of the id.
        targets: Attribute -> column.
        vectors: What earlier blocks of the file settled; None: there is no other.
        stored: Whether they were in a graph (``ReadOptions``).
    """
    if not len(block.frame):
        return [], list(block.broken)
    vectors = vectors or VectorColumns()
    columns = [column for target, column in targets.items() if target not in _NO_LISTS]
    vectors.settle(block.frame, columns)
    names = dict.fromkeys((id_column, *targets.values()))
    frame = block.frame.select("_row", *names)
    if "expires_at" in targets:
        frame = frame.with_columns(to_epoch_ms(frame[targets["expires_at"]]).alias(_MOMENT))
    good, bad = [], list(block.broken)
    header = {} if stored else dict(zip(names, names, strict=True))
    repeats = set(frame.filter(repeats_names(header))["_row"])
    for named in frame.iter_rows(named=True):
        id_ = named[id_column]
        if named["_row"] in repeats:
            bad.append(Rejection(named["_row"], "column-names", ""))
        elif fault := _id_fault(id_, stored=stored):
            bad.append(Rejection(named["_row"], fault, id_column, value=id_))
        elif isinstance(described := _described(named, targets, vectors, stored=stored), Rejection):
            bad.append(described)
        else:
            good.append(AttributeRow(named["_row"], id_, described))
    return good, bad


def vectors_apart(
    attributes: Mapping[str, Value],
) -> tuple[dict[str, Value], dict[str, Float32Array]]:
    """Return attributes without the vectors, and the vectors, ``(width,) float32`` each."""
    found = {
        name: numbers
        for name, value in attributes.items()
        if isinstance(value, str) and (numbers := unpack(value)) is not None
    }
    return {name: value for name, value in attributes.items() if name not in found}, found


def _described(
    row: Mapping[str, Any], targets: Mapping[str, str], vectors: VectorColumns, *, stored: bool
) -> dict[str, Value] | Rejection:
    """Return what a row says, or why it is rejected."""
    attributes: dict[str, Value] = {}
    for target, column in targets.items():
        cell = row[column]
        try:
            if stored:
                # Each cell by itself: an attribute may be a vector on some nodes alone.
                value = stored_vector(cell or "") or _value(target, column, row, stored=True)
            elif vectors.is_vector(column):
                value = None if _says_nothing(cell) else vectors.vector(column, cell)
            else:
                value = _value(target, column, row, stored=False)
        except VectorFault as fault:
            return Rejection(row["_row"], fault.code, target, value=fault.shown)
        except (TypeError, ValueError):
            return Rejection(row["_row"], "type-error", target, value=cell)
        if value is not None:
            attributes[target] = value
    return attributes


def _says_nothing(cell: str | None) -> bool:
    return cell is None or cell in _NOTHING or cell in EMPTY_LISTS


def _id_fault(id_: str | None, *, stored: bool) -> str | None:
    if id_ and id_.startswith((NESTED, PACKED)):
        return "type-error"
    return stored_id_fault(id_) if stored and id_ is not None else id_fault(id_)


def _value(target: str, column: str, row: Mapping[str, Any], *, stored: bool) -> Value | None:
    cell = plain(row[column])
    if cell is None or isinstance(cell, dict) or (cell in _NOTHING and not stored):
        return None
    if target in ("hidden", "expires_at") and is_word_for_nothing(str(cell)):
        return None
    if target == "hidden":
        text = str(cell).strip().lower()
        if text not in _YES + _NO:
            raise ValueError(cell)
        return text in _YES
    if target == "expires_at":
        if row[_MOMENT] is None:
            raise ValueError(cell)
        return int(row[_MOMENT])
    if isinstance(cell, str):
        # A display name is one text even where RecBole calls it a sequence of tokens.
        return cell.split() or None if is_sequence(column) and target != "name" else cell
    if not isinstance(cell, list):
        raise TypeError("not an attribute")
    return [_member(one) for one in cell] or None


def _member(value: Any) -> str:
    if value is None or isinstance(value, list | dict):
        raise TypeError("not a member of a list")
    return str(value).lower() if isinstance(value, bool) else str(value)


class SeenAttributes:
    """The attributes read so far, 16 bytes an id: a hash of the id and one of its values."""

    def __init__(self) -> None:
        self._runs: list[tuple[Int64Array, Int64Array]] = []

    def new_rows(
        self, described: Sequence[AttributeRow]
    ) -> tuple[list[AttributeRow], list[Rejection]]:
        """Return the new rows, and a rejection for each that contradicts an earlier one."""
        ids = hash64_all(one.id for one in described)
        hashes = hash64_all(json.dumps(one.attributes, sort_keys=True) for one in described)
        seen = dict(self._look_up(ids))
        first, contrary = [], []
        fresh: dict[int, int] = {}
        for one, id_, what in zip(described, ids.tolist(), hashes.tolist(), strict=True):
            before = seen.get(id_, fresh.get(id_))
            if before is None:
                fresh[id_] = what
                first.append(one)
            elif before != what:
                detail = f"{one.id} was described otherwise earlier"
                contrary.append(Rejection(one.row, "conflict", detail))
        self._remember(fresh)
        return first, contrary

    def _look_up(self, ids: Int64Array) -> Iterator[tuple[int, int]]:
        for known, hashes in self._runs:
            at = np.minimum(np.searchsorted(known, ids), len(known) - 1)
            hit = known[at] == ids
            yield from zip(ids[hit].tolist(), hashes[at[hit]].tolist(), strict=True)

    def _remember(self, fresh: Mapping[int, int]) -> None:
        if not fresh:
            return
        ids = np.fromiter(fresh.keys(), np.int64, len(fresh))
        hashes = np.fromiter(fresh.values(), np.int64, len(fresh))
        # Runs double in length, so each id is sorted again a few times only.
        while self._runs and len(self._runs[-1][0]) <= len(ids):
            known, before = self._runs.pop()
            ids, hashes = np.concatenate((known, ids)), np.concatenate((before, hashes))
        order = np.argsort(ids)
        self._runs.append((ids[order], hashes[order]))

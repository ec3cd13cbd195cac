"""Which attributes of a file are vectors: lists of numbers, as long in every row.

The first rows in which a column says anything settle it, by what most of them hold. In Parquet a
list of floating-point numbers is one, and so is RecBole's ``float_seq``; elsewhere a JSON array
whose members are numbers without quotes. Whole numbers alone may be codes of something: they are a
vector where all lists are of one length of at least eight. What is settled so holds for the whole
file: another length, a number that is missing or infinite, and anything but a list are rejected.
All other lists are texts.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from engine.data.arrays import Float32Array
from engine.data.reading.block import NESTED, NumberText, plain
from engine.data.reading.header import is_sequence
from engine.data.reading.packed_vectors import PACKED, pack, shown, unpack

EMPTY_LISTS = ("", "[]", NESTED + "[]", PACKED)
_SAMPLE = 1_000
_LEAST_WHOLE = 8
_MOST_WIDTH = 65_536


class VectorFault(ValueError):
    """A cell of a column of vectors that holds no such vector.

    Attributes:
        code: Of ``rejection.CODES``.
        shown: The cell, for people.
    """

    def __init__(self, code: str, cell: str) -> None:
        super().__init__(code)
        self.code, self.shown = code, cell


class VectorColumns:
    """What was settled about the columns of a file.

    Args:
        widths: Column to the length of its vectors, where that is known before any row is read.
    """

    def __init__(self, widths: Mapping[str, int] | None = None) -> None:
        self._widths: dict[str, int | None] = dict(widths or {})

    def settle(self, frame: pl.DataFrame, columns: Iterable[str]) -> None:
        """Look at the columns that nothing is known of yet.

        Args:
            frame: Some rows, in the order of the file.
            columns: Those that may be vectors.
        """
        for column in columns:
            if column in self._widths:
                continue
            said = frame[column].drop_nulls()
            cells = said.filter(~said.is_in(EMPTY_LISTS)).head(_SAMPLE).to_list()
            if cells:
                self._widths[column] = _width(column, cells)

    def is_vector(self, column: str) -> bool:
        """Return whether a column holds vectors."""
        return self._widths.get(column) is not None

    def vector(self, column: str, cell: str) -> str:
        """Return the vector of a cell, packed.

        Raises:
            VectorFault: It is none, or not like those of the column.
        """
        numbers = _numbers(column, cell)
        if numbers is None:
            broken = _is_list(column, cell)
            raise VectorFault("vector-number" if broken else "vector-type", cell)
        if len(numbers) != self._widths[column]:
            raise VectorFault("vector-length", shown(numbers))
        if not np.isfinite(numbers).all():
            raise VectorFault("vector-number", shown(numbers))
        return cell if cell.startswith(PACKED) else pack(numbers)


def stored_vector(cell: str) -> str | None:
    """Return the cell of a vector that was in a graph, of whatever length; None: it is none.

    Raises:
        VectorFault: A number of it is infinite or NaN.
    """
    numbers = unpack(cell)
    if numbers is None:
        return None
    if not np.isfinite(numbers).all():
        raise VectorFault("vector-number", shown(numbers))
    return cell


def _is_list(column: str, cell: str) -> bool:
    if cell.startswith((PACKED, NESTED + "[")) or _is_typed(column):
        return True
    return cell.startswith("[") and cell.endswith("]")


def _is_typed(column: str) -> bool:
    return is_sequence(column) and column.strip().endswith("float_seq")


def _numbers(column: str, cell: str) -> Float32Array | None:
    """Return the numbers of a cell; None where a member is none, or the cell is no list."""
    packed = unpack(cell)
    if packed is not None:
        return packed
    members: Any = cell.split() if _is_typed(column) else plain(_array(cell))
    if not isinstance(members, list):
        return None
    try:
        with np.errstate(over="ignore"):
            # Through 64 bits, so that a number which is too large is infinite and no error.
            return np.array([_number(one) for one in members], np.float64).astype(np.float32)
    except (TypeError, ValueError):
        return None


def _array(cell: str) -> str:
    """Return a cell that holds a JSON array, which CSV has as text, as one that is nested."""
    return NESTED + cell if cell.startswith("[") and cell.endswith("]") else cell


def _number(member: Any) -> float:
    if isinstance(member, bool) or not isinstance(member, str | float):
        raise TypeError(member)
    return float(member)


def _width(column: str, cells: Sequence[str]) -> int | None:
    """Return how long the vectors of a column are; None where its lists are none."""
    lengths: Counter[int] = Counter()
    whole = True
    for cell in cells:
        stated = _is_list(column, cell) and _says_numbers(column, cell)
        numbers = _numbers(column, cell) if stated else None
        if numbers is not None and 1 < len(numbers) <= _MOST_WIDTH:
            lengths[len(numbers)] += 1
            whole = whole and not _has_fractions(column, cell)
    if not lengths:
        return None
    width, rows = lengths.most_common(1)[0]
    if whole:
        return width if rows == len(cells) and width >= _LEAST_WHOLE else None
    return width if 2 * rows > len(cells) else None


def _says_numbers(column: str, cell: str) -> bool:
    """Return whether the members of a list are numbers by the way they are written."""
    if cell.startswith(PACKED) or _is_typed(column):
        return True
    members = plain(_array(cell))
    return isinstance(members, list) and all(isinstance(one, NumberText) for one in members)


def _has_fractions(column: str, cell: str) -> bool:
    if cell.startswith(PACKED) or _is_typed(column):
        return True
    return any(mark in json.dumps(plain(_array(cell))) for mark in ".eE")

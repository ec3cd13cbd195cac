"""A block: some rows of a file as text columns, and those that could not be taken apart."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from engine.data.id_rule import BLANKS
from engine.data.reading.header import bare_name
from engine.data.reading.packed_vectors import PACKED, unpack
from engine.data.reading.rejection import Rejection

NESTED = "\x1d"
"""A cell that begins with this holds a list or an object, as JSON."""


@dataclass(frozen=True)
class Block:
    """Some rows of a file.

    Attributes:
        frame: Text columns under the file's own names; ``_row`` is the number of the record.
        broken: Rows that could not be taken apart.
        lines: Line of the file where each row of ``frame`` begins; None where ``_row`` gives it.
        blank_lines: Lines with nothing on them; they are no rows.
        decimal_comma: Whether 1,5 is a number in this file.
        grouping_point: Whether 1.234 is more than a thousand there.
        remarks: How the file was read, where that is not what its name says.
        unread: Columns of the file that ``frame`` leaves out, as nobody uses them.
        forgotten: Rows that were left out as they name somebody who is forgotten.
        past_limit: Rows of ``frame`` that are left out of its events, as they are too old.
    """

    frame: pl.DataFrame
    broken: list[Rejection] = field(default_factory=list)
    lines: pl.Series | None = None
    blank_lines: int = 0
    decimal_comma: bool = False
    grouping_point: bool = False
    remarks: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    forgotten: int = 0
    past_limit: int = 0

    @property
    def read(self) -> int:
        """Number of records in the block, broken and forgotten ones included."""
        return len(self.frame) + len(self.broken) + self.forgotten

    @property
    def left_out(self) -> int:
        """Number of records that are counted and written nowhere."""
        return self.forgotten + self.past_limit

    @property
    def header(self) -> list[str]:
        """The file's own columns, those that were not read the last."""
        return [*self._read_columns, *self.unread]

    @property
    def fields_within(self) -> list[str]:
        """The fields of the objects in the first row, such as ``properties.product_id``."""
        first = self.frame.select(self._read_columns).head(1).to_dicts()
        cells = {name: plain(cell) for row in first for name, cell in row.items()}
        objects = {name: one for name, one in cells.items() if isinstance(one, dict)}
        return [f"{name}.{key}" for name, one in objects.items() for key in one]

    @property
    def _read_columns(self) -> list[str]:
        return [name for name in self.frame.columns if name != "_row"]

    def complete(self, rejections: Sequence[Rejection]) -> list[Rejection]:
        """Return rejections of this block with the line and the cells of each."""
        wanted = [one.row for one in rejections if one.cells is None and one.line is None]
        if not wanted:
            return list(rejections)
        lines = self.frame["_row"] if self.lines is None else self.lines
        frame = self.frame.with_columns(_line=lines).filter(
            pl.col("_row").is_in(pl.Series(wanted, dtype=pl.Int64).implode())
        )
        found: dict[int, dict[str, Any]] = {one["_row"]: one for one in frame.iter_rows(named=True)}
        return [self._completed(one, found.get(one.row)) for one in rejections]

    def _completed(self, one: Rejection, row: Mapping[str, Any] | None) -> Rejection:
        if row is None:
            return one
        cells = {name: plain(row[name]) for name in self._read_columns}
        return replace(one, line=row["_line"], cells=cells, raw="")


def is_nested(cell: pl.Expr) -> pl.Expr:
    """Return whether a cell holds a list, of numbers too, or an object."""
    return cell.str.starts_with(NESTED) | cell.str.starts_with(PACKED)


def repeats_names(columns: Mapping[str, str]) -> pl.Expr:
    """Return whether all cells of a row are the names of their columns, as a header is.

    Args:
        columns: Name in the frame -> column of the file; of none nothing is repeated.
    """
    if not columns:
        return pl.lit(False)
    return pl.all_horizontal(
        pl.col(name).str.strip_chars(BLANKS).is_in([column, bare_name(column)])
        for name, column in columns.items()
    )


def without_blank_rows(frame: pl.DataFrame, names: Sequence[str]) -> tuple[pl.DataFrame, list[int]]:
    """Return the rows where any cell says something, and the positions of the others."""
    if not names or not len(frame):
        return frame, []
    # The first column alone is tested in nearly every block.
    if not frame.select((pl.col(names[0]).is_null() | (pl.col(names[0]) == "")).any()).item():
        return frame, []
    blank = frame.select(
        pl.all_horizontal(pl.col(name).is_null() | (pl.col(name) == "") for name in names)
    ).to_series()
    return frame.filter(~blank), blank.arg_true().to_list()


class NumberText(str):
    """A number as it stood in the file, to the last digit; a text in quotes is none."""

    __slots__ = ()


def plain(cell: Any) -> Any:
    """Return a cell as it stood in the file: a nested one as its list or object."""
    if not isinstance(cell, str):
        return cell
    if cell.startswith(NESTED):
        try:
            return json.loads(cell[1:], parse_int=NumberText, parse_float=NumberText)
        except ValueError:
            return cell
    numbers = unpack(cell)
    if numbers is None:
        return cell
    # What is not finite has no JSON.
    return [one if math.isfinite(one) else None for one in numbers.tolist()]

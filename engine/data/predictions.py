"""Predictions: lists made elsewhere, a row per user and listed item, by rank or by score."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from engine.data.id_rule import id_rules
from engine.data.reading import columns
from engine.data.reading.block import Block, is_nested
from engine.data.reading.header import bare_name
from engine.data.reading.numbers import to_number
from engine.data.reading.part_names import refusals_of
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.reading_notes import ReadingNotes
from engine.data.reading.rejection import Rejection
from engine.data.reading.table_reader import read_blocks
from engine.errors import FileRefused

FIELDS = {
    "user_id": columns.EVENT_FIELDS["user_id"],
    "item_id": columns.EVENT_FIELDS["item_id"],
    "rank": (("position",),),
    "score": (("prediction",),),
}
_IDS = ("user_id", "item_id")
_HINT = "mend the row and run the command again: every row of a list must count"


@dataclass(frozen=True, eq=False)
class Predictions:
    """The lists of a file.

    Attributes:
        name: Of the file.
        rows: ``user, item, place``, each user's list in its order, ``place`` from 0.
        notes: What was understood of the file that it does not say.
    """

    name: str
    rows: pl.DataFrame
    notes: ReadingNotes = field(default_factory=ReadingNotes)


def read_predictions(path: Path, options: ReadOptions) -> Predictions:
    """Return each user's list.

    A file with a rank is ordered by it, otherwise by falling score; rows of one score have one
    place: how the lines of a file stand says nothing.

    Args:
        path: CSV, TSV, JSON lines or Parquet.
        options: How to read it.

    Raises:
        FileRefused: The file cannot be read, lacks a column, or a row is not part of a list; the
            message names the line.
    """
    frames = []
    notes = ReadingNotes()

    def assign(header: Sequence[str]) -> dict[str, str]:
        # A --map goes for the file of events too, so here it counts where the file has the column.
        named = {*header, *map(bare_name, header)}
        own = {field: column for field, column in options.mapping.items() if column in named}
        with refusals_of(path.name):  # the file of events is read by the same command
            return columns.assign(header, FIELDS, _IDS, own, options.skip)

    for block in read_blocks(path, options, lambda header: assign(header).values()):
        assigned = assign(block.header)
        order = next((name for name in ("rank", "score") if name in assigned), None)
        if block.header and order is None:
            raise FileRefused(
                f"{path.name}: a list needs a column rank or score",
                code="header",
                hint="name it: --map rank=COLUMN or --map score=COLUMN",
            )
        notes.of_fields(block, assigned, options)
        notes.not_found = []  # --skip goes for the file of events too
        frames.append(_rows(path, block, assigned, order or "rank"))
    whole = pl.concat(frames) if frames else pl.DataFrame()
    if not len(whole):
        raise FileRefused(f"{path.name} holds no list", code="empty-file", hint="check the export")
    _refuse_twice(path, whole)
    ordered = whole.sort("user", "order", "line", maintain_order=True)
    place = (pl.col("order").rank("min").over("user") - 1).cast(pl.Int64)
    return Predictions(path.name, ordered.select("user", "item", place=place), notes)


def _rows(path: Path, block: Block, assigned: dict[str, str], order: str) -> pl.DataFrame:
    """Return ``user, item, order, line`` of a block, the smaller ``order`` first."""
    _refuse(path, block.complete(block.broken))
    if not assigned:
        return pl.DataFrame(
            schema={"user": pl.String, "item": pl.String, "order": pl.Float64, "line": pl.Int64}
        )
    cells = block.frame[assigned[order]]
    frame = block.frame.select(
        *(pl.col(assigned[name]).alias(name) for name in _IDS),
        pl.Series(order, cells),
        number=to_number(
            cells, decimal_comma=block.decimal_comma, grouping_point=block.grouping_point
        ),
        line=pl.Series(block.frame["_row"] if block.lines is None else block.lines),
    )
    number = pl.col("number")
    wrong = (
        ~number.is_finite() if order == "score" else ~((number >= 0) & (number.round() == number))
    )
    faults = []
    for name in _IDS:
        faults.append((is_nested(pl.col(name)), f"type-error|{name}"))
        faults += id_rules(name)
    faults.append((number.is_null() | wrong, f"type-error|{order}"))
    judged = frame.with_columns(
        fault=pl.coalesce(pl.when(broken).then(pl.lit(fault)) for broken, fault in faults)
    )
    bad = judged.filter(pl.col("fault").is_not_null()).head(1)
    for row in bad.iter_rows(named=True):
        code, _, name = row["fault"].partition("|")
        _refuse(path, [Rejection(row["line"], code, name, line=row["line"], value=row[name])])
    sign = 1.0 if order == "rank" else -1.0
    return judged.select(
        user="user_id", item="item_id", order=sign * number, line=pl.col("line").cast(pl.Int64)
    )


def _refuse(path: Path, bad: list[Rejection]) -> None:
    if not bad:
        return
    first = min(bad, key=lambda one: one.line or one.row)
    raise FileRefused(
        f"{path.name}, line {first.line or first.row}: {first.reason}",
        code=first.code,
        hint=_HINT,
    )


def _refuse_twice(path: Path, whole: pl.DataFrame) -> None:
    """Refuse a user's list that names an item twice."""
    twice = whole.filter(~pl.struct("user", "item").is_first_distinct()).sort("line").head(1)
    for user, item, line in twice.select("user", "item", "line").iter_rows():
        raise FileRefused(
            f"{path.name}, line {line}: the list of {user} names {item} twice",
            code="conflict",
            hint=_HINT,
        )

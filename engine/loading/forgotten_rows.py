"""Leave rows of forgotten users and items out of what is loaded, before any of them is judged.

They are counted and written nowhere, the quarantine included.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from engine.connections.forgotten import Tombstones
from engine.data.reading.block import Block
from engine.data.reading.rejection import Rejection
from engine.data.tombstone import KINDS, ForgettableKind

_BETWEEN_CELLS = re.compile(r"[\s,;|\"'{}\[\]:]+")
IdColumns = Mapping[ForgettableKind, Sequence[str]]
"""Kind to the columns that hold its ids, in every row."""


def leave_out(block: Block, columns: IdColumns, forgotten: Tombstones | None) -> Block:
    """Return a block without the rows that name somebody forgotten; ``forgotten`` counts them.

    Args:
        block: Rows of a file.
        columns: Which of its columns hold ids.
        forgotten: Who is forgotten; None: nobody.
    """
    if not forgotten:
        return block
    named = pl.lit(value=False)
    for kind, names in columns.items():
        for name in names:
            if name in block.frame.columns:
                ids = forgotten.among(kind, block.frame[name].unique().to_list())
                named |= pl.col(name).is_in(sorted(ids)).fill_null(value=False)
    return without_rows(block, block.frame.select(named.alias("named")).to_series(), forgotten)


def without_rows(block: Block, named: pl.Series, forgotten: Tombstones) -> Block:
    """Return a block without some rows, and without broken ones that name somebody forgotten.

    Args:
        block: Rows of a file.
        named: Of each row of the frame, whether it is left out; or one value for all.
        forgotten: Who is forgotten.
    """
    mask = pl.repeat(named[0], len(block.frame), eager=True) if len(named) == 1 else named
    broken = [one for one in block.broken if not _names_somebody(one, forgotten)]
    left_out = int(mask.sum()) + len(block.broken) - len(broken)
    if not left_out:
        return block
    lines = None if block.lines is None else block.lines.filter(~mask)
    return replace(
        block,
        frame=block.frame.filter(~mask),
        lines=lines,
        broken=broken,
        forgotten=block.forgotten + left_out,
    )


def leave_out_facts(
    block: Block, facts: pl.DataFrame, bad: Sequence[Rejection], forgotten: Tombstones | None
) -> tuple[Block, pl.DataFrame, list[Rejection]]:
    """Return a block, its facts and its rejected rows without those of somebody forgotten.

    Args:
        block: Rows of a file.
        facts: As ``facts.validate`` returns them: only that says of which kind an end is.
        bad: The rejected rows, those that could not be taken apart among them.
        forgotten: Who is forgotten; None: nobody.
    """
    if not forgotten:
        return block, facts, list(bad)
    named = pl.lit(value=False)
    for end in ("head", "tail"):
        for kind in KINDS:
            ids = forgotten.among(kind, facts[end].unique().to_list())
            of_kind = pl.col(f"{end}_type") == kind.title()
            named |= of_kind & pl.col(end).is_in(sorted(ids)).fill_null(value=False)
    rows = set(facts.filter(named)["row"].to_list())
    # What is wrong with a row may be the kind of its ends: any id of it counts.
    for one in block.complete([one for one in bad if one not in block.broken]):
        if _names_somebody(one, forgotten):
            rows.add(one.row)
    mask = block.frame["_row"].is_in(sorted(rows))
    kept = without_rows(block, mask, forgotten)
    left = [one for one in bad if one not in block.broken and one.row not in rows]
    return kept, facts.filter(~pl.col("row").is_in(sorted(rows))), [*kept.broken, *left]


def _names_somebody(broken: Rejection, forgotten: Tombstones) -> bool:
    """Tell whether a row that could not be taken apart holds a forgotten id, in whatever cell."""
    texts = [str(cell) for cell in (broken.cells or {}).values() if cell is not None]
    texts += [*broken.extra, *([broken.value] if broken.value else [])]
    words = {word for text in (*texts, broken.raw) for word in _BETWEEN_CELLS.split(text)}
    return bool(forgotten.of_any_kind(words | set(texts)))

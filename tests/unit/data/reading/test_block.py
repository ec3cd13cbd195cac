"""Blocks know where their rows stood."""

import polars as pl

from engine.data.reading.block import NESTED, Block, plain, without_blank_rows
from engine.data.reading.rejection import Rejection


def test_a_rejection_is_completed_with_line_and_cells() -> None:
    frame = pl.DataFrame({"a": ["x", NESTED + '["y"]'], "_row": [7, 8]})
    block = Block(frame, lines=pl.Series([70, 90]))
    own = Rejection(9, "bad-json", "", "raw", 95, {})
    done = block.complete([Rejection(8, "enum", "a"), own])
    assert (done[0].line, done[0].cells) == (90, {"a": ["y"]})
    assert done[1] is own
    assert Block(frame).complete([Rejection(7, "enum", "a")])[0].line == 7
    assert (block.read, block.header) == (2, ["a"])


def test_blank_rows_are_told_apart() -> None:
    frame = pl.DataFrame({"a": ["", None, "", "x"], "b": ["", None, "y", None]})
    kept, blank = without_blank_rows(frame, ["a", "b"])
    assert (kept.rows(), blank) == ([("", "y"), ("x", None)], [0, 1])


def test_a_cell_that_only_looks_nested_stays() -> None:
    assert plain(NESTED + "{") == NESTED + "{"
    assert plain("[1]") == "[1]"

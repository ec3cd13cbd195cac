"""Judged rows wait on disk."""

from pathlib import Path

import polars as pl
import pytest

from engine.errors import StoreError
from engine.loading.staging import StagedRows


def test_rows_come_back_by_part_in_their_order_and_leave_nothing(tmp_path: Path) -> None:
    staged = StagedRows(tmp_path / "rows.arrow")
    frames = [
        pl.DataFrame({"user": [f"u{n}", "é"], "at": [None, n]}, {"user": pl.String, "at": pl.Int64})
        for n in range(3)
    ]
    for part, frame in enumerate(frames):
        staged.add(frame, part)
        staged.add(frame.clear(), part)
    found = list(staged.batches())
    assert [part for part, _ in found] == [0, 1, 2]
    assert all(frame.equals(again) for frame, (_, again) in zip(frames, found, strict=True))
    assert staged.rows == 6
    staged.remove()
    assert list(tmp_path.iterdir()) == []


def test_nothing_staged_is_nothing_on_disk(tmp_path: Path) -> None:
    staged = StagedRows(tmp_path / "rows.arrow")
    assert list(staged.batches()) == []
    staged.remove()


def test_a_disk_that_is_full_is_an_error_that_says_where() -> None:
    # Every write to this device finds it full.
    staged = StagedRows(Path("/dev/full"))
    frame = pl.DataFrame({"user": [str(n) for n in range(100_000)]})

    def fill() -> None:
        for _ in range(100):
            staged.add(frame)
        list(staged.batches())

    with pytest.raises(StoreError, match="validated rows cannot be kept in /dev") as full:
        fill()
    assert "ENGINE_HOME" in full.value.hint

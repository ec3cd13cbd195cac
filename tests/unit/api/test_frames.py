"""Paths and frames that are given to the library."""

import tempfile
from pathlib import Path

import polars as pl
import pytest

from engine.api.frames import files_of


def test_only_frames_need_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is killed cannot remove its folder, so there is none without need."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with files_of({"events": "events.csv", "items": None}) as paths:
        assert paths == {"events": Path("events.csv"), "items": None}
        assert list(tmp_path.iterdir()) == []
    frame = pl.DataFrame({"id": ["tea"]})
    with files_of({"events": "events.csv", "items": frame}) as paths:
        assert paths["events"] == Path("events.csv")
        assert paths["items"] is not None
        assert pl.read_parquet(paths["items"]).equals(frame)
    assert list(tmp_path.iterdir()) == []

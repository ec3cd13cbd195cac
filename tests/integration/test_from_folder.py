"""``engine ingest --from-folder``: of a folder that grows by the day, what is new and no more."""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine.errors import FileRefused, UsageError

from .terminal import engine, invoked, loaded

pytestmark = pytest.mark.usefixtures("graph", "on_server")

Run = Callable[..., list[dict[str, Any]]]
DAYS = """
MATCH (:User)-[r:INTERACTED]->(i:Item)
RETURN i.id AS item, toString(date(datetime({epochMillis: r.at}))) AS day ORDER BY item
"""


def counts(*arguments: str) -> tuple[int, int, int, int]:
    """Rows read, accepted and duplicate, and parts that were passed over."""
    one = json.loads(loaded(*arguments).stdout)[0]
    return one["read"], one["accepted"], one["duplicate"], one["passed_over"]


def part(folder: Path, day: str, name: str, *items: str) -> Path:
    place = folder / f"date={day}"
    place.mkdir(parents=True, exist_ok=True)
    path = place / name
    frame = pl.DataFrame({"user_id": ["u1"] * len(items), "item_id": items})
    if name.endswith(".parquet"):
        frame.write_parquet(path)
    elif name.endswith(".jsonl.gz"):
        path.write_bytes(gzip.compress(frame.write_ndjson().encode()))
    else:
        frame.write_csv(path)
    return path


def test_a_growing_folder_is_read_once_and_then_what_is_new(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "purchases"
    first = part(folder, "2024-12-01", "part-00000.parquet", "a", "b")
    part(folder, "2024-12-01", "part-00001.csv", "c")
    (folder / "_SUCCESS").touch()
    (folder / ".part-00000.parquet.crc").write_bytes(b"x")
    command = ["--from-folder", str(folder)]
    assert counts(*command) == (3, 3, 0, 0)
    assert counts(*command) == (0, 0, 0, 2)
    part(folder, "2024-12-02", "part-00000.jsonl.gz", "d")
    assert counts(*command) == (1, 1, 0, 2)
    assert run(DAYS) == [
        {"item": "a", "day": "2024-12-01"},
        {"item": "b", "day": "2024-12-01"},
        {"item": "c", "day": "2024-12-01"},
        {"item": "d", "day": "2024-12-02"},
    ]
    # Copied again it is no other part; written again with one more row it is.
    os.utime(first)
    assert counts(*command) == (0, 0, 0, 3)
    part(folder, "2024-12-01", "part-00000.parquet", "a", "b", "e")
    assert counts(*command) == (3, 1, 2, 2)
    # Read otherwise all of it counts, and so it does as one export.
    assert counts(*command, "--event", "view") == (5, 5, 0, 0)
    assert counts(str(folder)) == (5, 0, 5, 0)
    assert "3 part files were loaded before" in invoked("ingest", *command).stderr
    loads = json.loads(engine("batches", "--json"))
    assert [one["relations"] for one in loads] == [5, 1, 1, 3]


def test_parts_that_were_refused_are_read_again(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "purchases"
    part(folder, "2024-12-01", "part-00000.csv", "a")
    bad = folder / "date=2024-12-01" / "part-00001.csv"
    bad.write_text("colour\nred\n", encoding="utf-8")
    command = ["ingest", "--from-folder", str(folder)]
    with pytest.raises(FileRefused, match="no column for user_id"):
        invoked(*command)
    assert run(DAYS) == []
    bad.unlink()
    assert counts(*command[1:]) == (1, 1, 0, 0)
    with pytest.raises(UsageError, match="events are named twice"):
        invoked(*command, str(folder))
    (folder / "_temporary").mkdir()
    with pytest.raises(FileRefused, match="still being written"):
        invoked(*command)

"""What can be found out about waiting files without a graph; the rest: integration/test_waiting."""

from pathlib import Path

import polars as pl
import pytest

from engine.data.reading.file_tally import FileLimits
from engine.data.reading.rejection import Rejection
from engine.errors import DataError, FileRefused
from engine.nights import waiting
from engine.nights.waiting import EventAudit, FolderRequest


def _files(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text("user_id,item_id\na,x\n")


def test_attributes_and_facts_come_before_the_events_that_need_them(tmp_path: Path) -> None:
    _files(tmp_path, "2026-11.csv", "facts.csv", "Items-2.csv", "users.csv", "aa.csv")
    found = [(path.name, kind) for path, kind in waiting.waiting(tmp_path)]
    assert found == [
        ("Items-2.csv", "items"),
        ("users.csv", "users"),
        ("facts.csv", "facts"),
        ("2026-11.csv", "events"),
        ("aa.csv", "events"),
    ]


def test_names_of_writers_and_of_the_engine_do_not_wait(tmp_path: Path) -> None:
    _files(tmp_path, ".hidden", "_SUCCESS", "a.csv.part", "a.csv.tmp", "a.csv.reason.txt", "a.crc")
    (tmp_path / "done").mkdir()
    (tmp_path / "parts").mkdir()
    assert [path.name for path, _ in waiting.waiting(tmp_path)] == ["parts"]


def test_a_folder_that_is_not_there_or_whose_done_is_a_link_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        waiting.waiting(tmp_path / "exports")
    (tmp_path / "done").symlink_to(tmp_path)
    with pytest.raises(DataError, match="is a link"):
        waiting.waiting(tmp_path)


def test_files_that_cannot_be_used_are_seen_by_their_first_rows(tmp_path: Path) -> None:
    _files(tmp_path, "good.csv")
    (tmp_path / "bad.csv").write_text("colour,size\nred,9\n")
    (tmp_path / "empty.csv").write_text("")
    found = {one.file: one for one in waiting.first_look(FolderRequest(tmp_path))}
    assert set(found) == {"bad.csv", "empty.csv"}
    assert all(one.held and one.message for one in found.values())


def test_a_link_that_leads_out_of_the_folder_is_held_back(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    _files(tmp_path, "secret.csv")
    (folder / "a.csv").symlink_to(tmp_path / "secret.csv")
    (held,) = waiting.first_look(FolderRequest(folder))
    assert held.file == "a.csv"
    assert held.held


def test_a_file_is_audited_as_a_whole() -> None:
    audit = EventAudit(((), ()), FileLimits())
    events = pl.DataFrame(
        {"row": [0], "user": ["a"], "item": ["x"], "key": [1]}, schema_overrides={"key": pl.Int64}
    )
    audit.add(events, [Rejection(row, "type-error", "timestamp") for row in range(1, 10)], "a.csv")
    with pytest.raises(FileRefused) as refused:
        audit.check()
    assert refused.value.code == "bad-rows"


def test_a_held_file_is_named_with_its_code_and_message() -> None:
    note = waiting.held_note({"file": "a.csv", "held": "truncated", "message": "it was cut off"})
    assert note == "a.csv was held back (truncated): it was cut off."

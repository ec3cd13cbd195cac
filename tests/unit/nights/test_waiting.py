"""What can be found out about waiting files without a graph; the rest: integration/test_waiting."""

from pathlib import Path

import polars as pl
import pytest

from engine.data.reading.file_tally import FileLimits
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.rejection import Rejection
from engine.errors import DataError, FileRefused
from engine.loading.load import IngestRequest
from engine.nights import waiting
from engine.nights.waiting import EventAudit, FolderRequest

_GOOD = "user_id,item_id,timestamp\nu1,i1,1700000000\n"


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


def test_files_that_no_row_can_mend_are_named_in_the_order_in_which_they_are_loaded(
    tmp_path: Path,
) -> None:
    files = {
        "events-good.csv": _GOOD,
        "events-bad-row.csv": _GOOD + ",i2,1700000000\n",
        "events-no-item.csv": "user_id,when\nu1,1700000000\n",
        "events-two.csv": "user_id,sku,product_id\nu1,i1,i1\n",
        "empty.csv": "",
        "events.xlsx": "PK",
        "items.csv": "colour\nred\n",
        "facts.csv": "head,tail\na,b\n",
        "users.csv": "user_id,age\nu1,7\n",
        "_SUCCESS": "",
        ".hidden.csv": "",
        "events.csv.tmp": "user_id",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "parts.csv").mkdir()
    (tmp_path / "parts.csv" / "part-0.csv").write_text("colour\nred\n", encoding="utf-8")
    found = waiting.first_look(FolderRequest(tmp_path))
    assert [(one.file, one.kind, one.held) for one in found] == [
        ("items.csv", "items", "dialect"),
        ("facts.csv", "facts", "header"),
        ("empty.csv", "events", "empty-file"),
        ("events-no-item.csv", "events", "header"),
        ("events-two.csv", "events", "header"),
        ("events.xlsx", "events", "format"),
        ("parts.csv", "events", "dialect"),
    ]
    assert all(one.message for one in found)


def test_it_reads_as_the_night_will(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text("who,what\nu1,i1\n", encoding="utf-8")
    named = ReadOptions(mapping={"user_id": "who", "item_id": "what"})
    request = FolderRequest(tmp_path, reading=IngestRequest(reading=named))
    assert waiting.first_look(request) == []
    assert [one.held for one in waiting.first_look(FolderRequest(tmp_path))] == ["header"]


def test_only_the_first_rows_are_read(tmp_path: Path) -> None:
    kinds = "".join(f"u1,i1,kind{n}\n" for n in range(100_000))
    (tmp_path / "events.csv").write_text("user_id,item_id,event\nu,i,a\n", encoding="utf-8")
    with (tmp_path / "events.csv").open("a", encoding="utf-8") as file:
        file.write("u,i,a\n" * 60_000 + kinds)
    assert waiting.first_look(FolderRequest(tmp_path)) == []


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

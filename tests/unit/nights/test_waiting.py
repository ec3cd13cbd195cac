"""What can be seen of waiting files by their first rows, without a database."""

from pathlib import Path

import pytest

from engine.data.reading.read_options import ReadOptions
from engine.errors import DataError
from engine.loading.load import IngestRequest
from engine.nights.waiting import FolderRequest, first_look

_GOOD = "user_id,item_id,timestamp\nu1,i1,1700000000\n"


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
    found = first_look(FolderRequest(tmp_path))
    assert [(one.file, one.kind, one.held) for one in found] == [
        ("items.csv", "items", "dialect"),
        ("facts.csv", "facts", "header"),
        ("empty.csv", "events", "empty-file"),
        ("events-no-item.csv", "events", "header"),
        ("events-two.csv", "events", "header"),
        ("events.xlsx", "events", "format"),
        ("parts.csv", "events", "dialect"),
    ]
    assert all(one.said for one in found)


def test_it_reads_as_the_night_will(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text("who,what\nu1,i1\n", encoding="utf-8")
    named = ReadOptions(mapping={"user_id": "who", "item_id": "what"})
    request = FolderRequest(tmp_path, reading=IngestRequest(reading=named))
    assert first_look(request) == []
    assert [one.held for one in first_look(FolderRequest(tmp_path))] == ["header"]


def test_only_the_first_rows_are_read(tmp_path: Path) -> None:
    kinds = "".join(f"u1,i1,kind{n}\n" for n in range(100_000))
    (tmp_path / "events.csv").write_text("user_id,item_id,event\nu,i,a\n", encoding="utf-8")
    with (tmp_path / "events.csv").open("a", encoding="utf-8") as file:
        file.write("u,i,a\n" * 60_000 + kinds)
    assert first_look(FolderRequest(tmp_path)) == []


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        first_look(FolderRequest(tmp_path / "other"))

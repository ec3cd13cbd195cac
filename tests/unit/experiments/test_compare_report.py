from pathlib import Path

import pytest

from engine.experiments.compare_report import write_atomically


def test_folders_are_made_and_the_old_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "report.html"
    write_atomically(path, "one")
    write_atomically(path, "zwei ü")
    assert path.read_text(encoding="utf-8") == "zwei ü"
    assert [one.name for one in path.parent.iterdir()] == ["report.html"]


def test_a_place_that_cannot_be_written_keeps_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    (tmp_path / "report.html" / "kept").write_text("kept")
    with pytest.raises(OSError, match="report"):
        write_atomically(tmp_path / "report.html", "text")
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"], "nothing is left beside it"


def test_a_text_that_cannot_be_encoded_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\ud800")
    assert path.read_text() == "old"

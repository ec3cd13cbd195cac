from pathlib import Path

import pytest

from engine.config import Settings
from engine.data.reading.file_tally import FileFault
from engine.errors import (
    DataError,
    FileRefused,
    NothingAccepted,
    QueryFailed,
    StoreError,
    TooManyBadRows,
    Unreachable,
)
from engine.nights import held_files


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (FileRefused("cut off", code="truncated"), "truncated"),
        (TooManyBadRows("9 of 9"), "bad-rows"),
        (NothingAccepted("not one", report={}), "nothing-accepted"),
        (DataError("no events"), "bad-rows"),
    ],
)
def test_a_file_is_held_back_for_what_is_wrong_with_it(error: DataError, code: str) -> None:
    assert held_files.fault_of(error) == FileFault(code, error.message)


@pytest.mark.parametrize("error", [Unreachable("no server answers"), StoreError("disk full")])
def test_no_file_is_to_blame_for_a_database(error: StoreError) -> None:
    with pytest.raises(type(error)):
        held_files.fault_of(error)


@pytest.mark.parametrize("error", [KeyError("x"), QueryFailed("a syntax error")])
def test_a_defect_of_the_engine_holds_the_file_back_and_names_itself(error: Exception) -> None:
    fault = held_files.fault_of(error)
    assert fault.code == held_files.UNEXPECTED
    assert type(error).__name__ in fault.message


def test_the_traceback_of_a_defect_is_kept_in_the_home(home: Path) -> None:
    try:
        raise KeyError("x")
    except KeyError as error:
        place = held_files.keep_traceback(Settings(home=home), Path("a.csv"), error)
    assert place.parent == home / "retrain"
    assert "KeyError: 'x'" in place.read_text()


def test_the_reason_lies_beside_the_file_and_replaces_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    held_files.write_reason(path, FileFault("truncated", "it ends in the middle of a row"))
    held_files.write_reason(path, FileFault("bad-rows", "9 of 9 rows"))
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv.reason.txt"]
    assert (tmp_path / "a.csv.reason.txt").read_text().startswith("bad-rows: 9 of 9 rows\n")


def test_a_link_in_the_place_of_the_reason_is_replaced_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("kept")
    (tmp_path / "a.csv.reason.txt").symlink_to(outside)
    held_files.write_reason(tmp_path / "a.csv", FileFault("bad-rows", "9 of 9 rows"))
    assert outside.read_text() == "kept"
    assert not (tmp_path / "a.csv.reason.txt").is_symlink()

"""What the engine keeps is its owner's from the moment it exists, whatever the umask."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from engine import private_files


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_every_missing_folder_is_made_for_its_owner(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    private_files.make_folder(tmp_path / "a" / "b")
    assert (_mode(tmp_path / "a"), _mode(tmp_path / "a" / "b")) == (0o700, 0o700)
    assert _mode(tmp_path) == 0o755  # somebody else's choice


def test_a_file_in_the_way_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(NotADirectoryError) as caught:
        private_files.make_folder(tmp_path / "a")
    assert caught.value.filename == str(tmp_path / "a")


def test_a_file_is_private_while_it_is_written_and_replaces_an_open_one(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "password"
    private_files.make_folder(path.parent)
    path.write_text("an old one, for all to read", encoding="utf-8")
    with private_files.replacing(path, "w") as file:
        file.write("größer")
        file.flush()
        assert [_mode(one) for one in path.parent.iterdir() if one != path] == [0o600]
        assert path.read_text(encoding="utf-8").startswith("an old one")
    assert path.read_text(encoding="utf-8") == "größer"
    assert _mode(path) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["password"]


def test_a_disk_that_is_full_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(OSError, match="No space") as caught,
        private_files.replacing(tmp_path / "a"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert caught.value.filename == str(tmp_path / "a")


def test_a_write_that_fails_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    private_files.write_text(path, "old")
    with suppress(KeyError), private_files.replacing(path, "w") as file:
        file.write("half of the ne")
        raise KeyError
    assert path.read_text(encoding="utf-8") == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_two_writers_in_one_process_each_write_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with private_files.replacing(path, "w") as first:
        first.write("first")
        private_files.write_text(path, "another one")
        assert path.read_text(encoding="utf-8") == "another one"
    assert path.read_text(encoding="utf-8") == "first"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_file_of_the_users_is_read_by_whom_they_let(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "report.html"
    before = os.umask(0o022)
    try:
        with private_files.replacing(path, private=False) as file:
            file.write(b"report")
    finally:
        os.umask(before)
    assert (_mode(path.parent), _mode(path)) == (0o755, 0o644)


def test_a_text_that_cannot_be_encoded_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    private_files.write_text(path, "old")
    with pytest.raises(UnicodeEncodeError):
        private_files.write_text(path, "\ud800")
    assert path.read_text() == "old"


def test_a_folder_in_the_place_of_a_file_stays(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    (tmp_path / "report.html" / "kept").touch()
    with pytest.raises(OSError, match="report"):
        private_files.write_text(tmp_path / "report.html", "text")
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"], "nothing is left beside it"


def test_a_file_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    assert private_files.create(tmp_path / "file")
    assert not private_files.create(tmp_path / "file")
    assert _mode(tmp_path / "file") == 0o600


def test_rights_of_others_are_taken_by_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    private_files.restrict(tmp_path / "file")
    private_files.restrict(tmp_path / "none")
    assert _mode(tmp_path / "file") == 0o600


def test_what_is_written_into_the_home_is_private_and_elsewhere_is_the_users(
    tmp_path: Path,
) -> None:
    private_files.privately_within(tmp_path / "home", tmp_path / "lists.csv")
    assert os.umask(0) == 0
    private_files.privately_within(tmp_path / "home", tmp_path / "home" / "x" / "lists.csv")
    assert os.umask(0) == 0o077

"""Folders: what cannot be reached says how it could be, and what is written has its digest."""

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from s3fs import S3FileSystem

from engine.errors import ConfigError, DataError
from engine.exchange import folders
from engine.exchange.folders import HashedFile, LocalFolder


def test_an_address_without_a_package_is_refused() -> None:
    with pytest.raises(ConfigError, match="nothing://x") as refused:
        folders.folder_of("nothing://x")
    assert "pip install" in refused.value.hint


def test_an_address_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"zip://a::.*cannot be reached"):
        folders.folder_of(f"zip://a::file://{tmp_path}/nothing.zip")


def test_an_address_of_this_machine_is_a_folder_of_its_owner_alone(tmp_path: Path) -> None:
    folder = folders.folder_of(f"file://{tmp_path}/a%20b")
    with folder.create("events/part-0.parquet") as file:
        file.write(b"events")
    written = tmp_path / "a%20b" / "events" / "part-0.parquet"
    assert (written.stat().st_mode & 0o777, folder.read("events/part-0.parquet")) == (
        0o600,
        b"events",
    )


def test_a_store_that_refuses_is_no_full_disk() -> None:
    """Its package raises what a disk raises."""
    folder = folders.folder_of("memory://unit/nothing")
    refusal = pytest.raises(DataError, match=r"memory://unit/nothing cannot be used")
    with refusal as refused, folders.folder_errors(folder):
        folder.read("manifest.json")
    assert "login of its store" in refused.value.hint


def test_a_full_disk_is_no_fault_of_the_store_that_a_file_comes_from(tmp_path: Path) -> None:
    refusal = pytest.raises(DataError, match=r"gone/a cannot be used: No such file")
    with refusal as refused, folders.folder_errors(folders.folder_of("memory://unit/x")):
        (tmp_path / "gone" / "a").write_bytes(b"")
    assert "make room" in refused.value.hint


def test_an_address_that_can_only_be_read_is_no_place_for_an_export() -> None:
    folder = folders.folder_of("http://127.0.0.1:1/backup")
    refusal = pytest.raises(DataError, match="can only be read")
    with refusal as refused, folders.folder_errors(folder):
        folder.write("b.json", b"{}")
    assert "s3://" in refused.value.hint


def test_a_disk_that_refuses_is_one_sentence(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path)
    with pytest.raises(DataError, match="No such file"), folders.folder_errors(folder):
        folder.read("nothing.json")


@pytest.fixture
def _no_store_of_another_test() -> Iterator[None]:
    """fsspec keeps what it has opened, with its login."""
    S3FileSystem.clear_instance_cache()
    yield
    S3FileSystem.clear_instance_cache()


@pytest.mark.usefixtures("_no_store_of_another_test")
def test_what_the_package_of_a_store_says_is_one_sentence(
    unused_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")  # it is asked for a login, at length
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused_port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    folder = folders.folder_of("s3://nobody/backup")
    refusal = pytest.raises(DataError, match=r"s3://nobody/backup cannot be used: .*cred")
    with refusal as refused, folders.folder_errors(folder):
        folder.names()
    assert "login of its store" in refused.value.hint
    with pytest.raises(ZeroDivisionError), folders.folder_errors(folder):
        raise ZeroDivisionError  # a defect of ours is none of the store's


def test_a_file_on_its_way_knows_its_digest(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path)
    file = HashedFile(folder.create("a/b.bin"))
    assert file.write(b"some") + file.write(memoryview(b" bytes")) == file.tell() == 10
    file.close()
    assert file.closed
    assert file.sha256 == hashlib.sha256(b"some bytes").hexdigest()
    copy = io.BytesIO()
    with folder.open("a/b.bin") as written:
        assert folders.digest_of(written, copy) == file.sha256
    assert copy.getvalue() == b"some bytes"
    folder.remove("a/b.bin")
    assert folder.names() == set()


def test_what_is_closed_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part is noted as written; an export that goes on after a power cut relies on it."""
    sizes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda number: sizes.append(os.fstat(number).st_size))
    file = HashedFile(LocalFolder(tmp_path).create("a.bin"))
    file.write(b"some")
    file.close()
    file.close()
    assert sizes == [4]
    HashedFile(io.BytesIO()).close()

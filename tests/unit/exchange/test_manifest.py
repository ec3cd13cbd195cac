"""A manifest says what a folder is; whatever is not whole, or not ours, is refused by name."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from engine.errors import FileRefused
from engine.exchange import manifest
from engine.exchange.folders import LocalFolder
from engine.exchange.manifest import FolderFile, Manifest

FILE = FolderFile("events/part-00000.parquet", 3, 9, "0" * 64)
WHOLE = Manifest(("events",), "2026-11-29T00:00:00+00:00", 4, {"events": 3}, (FILE,))


def _folder(path: Path, text: str, name: str = manifest.MANIFEST) -> LocalFolder:
    folder = LocalFolder(path)
    folder.write(name, text.encode())
    return folder


def test_what_was_written_is_read(tmp_path: Path) -> None:
    folder = _folder(tmp_path, WHOLE.text())
    assert manifest.read(folder) == WHOLE
    assert WHOLE.of("events") == (FILE,)
    assert WHOLE.of("event") == ()
    with pytest.raises(FileRefused, match=r"part-00000\.parquet is missing"):
        manifest.check_files(folder, WHOLE.files)
    manifest.check_digest(folder, FILE, "0" * 64)
    manifest.check_digest(folder, replace(FILE, sha256="AB" * 32), "ab" * 32)
    with pytest.raises(FileRefused, match="SHA-256 differs"):
        manifest.check_digest(folder, FILE, "1" * 64)


OUTSIDE = ("/events/a.parquet", "events/../../a.parquet", "events\\..\\a.parquet", "../a.parquet")


def _renamed(name: str) -> dict[str, Any]:
    """Return what names a file that lies elsewhere, and agrees with itself."""
    rows = {name.rpartition("/")[0]: 3}
    return {"files": [asdict(replace(FILE, name=name))], "rows": rows}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"format": "delta"}, "foreign"),
        ({"format_version": 2, "engine": "9.9"}, "newer"),
        ({"format_version": None}, "foreign"),
        ({"format_version": float("inf")}, "foreign"),
        ({"files": [{"name": "x"}]}, "damaged"),
        ({"files": [asdict(FILE), asdict(FILE)], "rows": {"events": 6}}, "damaged"),
        ({"files": []}, "damaged"),
        ({"rows": {"events": 2}}, "damaged"),
        ({"rows": {"events": 3, "users": 1}}, "damaged"),
        ({"rows": None}, "damaged"),
        ({"what": ["events", "lists"]}, "damaged"),
        ({"what": ["events", "vectors"]}, "damaged"),
        ({"what": ["events", "pictures"]}, "damaged"),
        ({"newest_batch": "4"}, "damaged"),
        ({"newest_batch": 1 << 63}, "damaged"),
        ({"newest_batch": -1}, "damaged"),
        *((_renamed(name), "damaged") for name in OUTSIDE),
        ({"files": [asdict(FILE) | {"bytes": None}]}, "damaged"),
        ({"files": [asdict(FILE) | {"sha256": 0}]}, "damaged"),
    ],
)
def test_another_manifest_is_refused(change: dict[str, Any], code: str, tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        manifest.read(_folder(tmp_path, json.dumps(WHOLE.as_dict() | change)))
    assert refused.value.code == code
    assert str(tmp_path) in refused.value.message
    assert refused.value.hint
    if code == "newer":
        assert "9.9" in refused.value.hint


def test_a_folder_without_one_is_unfinished_or_foreign(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="has not ended"):
        manifest.read(_folder(tmp_path / "a", "{}", manifest.UNFINISHED))
    for folder in (_folder(tmp_path / "b", "a,b"), LocalFolder(tmp_path / "nowhere")):
        with pytest.raises(FileRefused) as refused:
            manifest.read(folder)
        assert refused.value.code == "foreign"


def test_a_file_beside_those_of_a_table_is_refused(tmp_path: Path) -> None:
    """The load takes whatever lies in the folder of a table."""
    folder = _folder(tmp_path, WHOLE.text())
    for name in (FILE.name, "events/_SUCCESS", "events/.part.crc", "readme.txt"):
        folder.write(name, b"")
    manifest.check_files(folder, WHOLE.files)
    for name in ("events/part-00001.parquet", "events/x/y.csv"):
        folder.write(name, b"")
        with pytest.raises(FileRefused, match=f"{name} is not in its manifest"):
            manifest.check_files(folder, WHOLE.files)
        folder.remove(name)
    (tmp_path / FILE.name).unlink()
    (tmp_path / FILE.name).mkdir()
    with pytest.raises(FileRefused, match=f"{FILE.name} is missing"):
        manifest.check_files(folder, WHOLE.files)

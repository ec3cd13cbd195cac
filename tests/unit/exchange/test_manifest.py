"""A manifest says what a folder is; whatever is not whole, or not ours, is refused by name."""

import json
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
    with pytest.raises(FileRefused, match="SHA-256 differs"):
        manifest.check_digest(folder, FILE, "1" * 64)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"format": "delta"}, "foreign"),
        ({"format_version": 2, "engine": "9.9"}, "newer"),
        ({"format_version": None}, "foreign"),
        ({"files": [{"name": "x"}]}, "damaged"),
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

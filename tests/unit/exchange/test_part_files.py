"""An export that is killed goes on where a part was closed, and ends with the same files."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet
import pytest

from engine.errors import DataError
from engine.exchange import manifest, part_files
from engine.exchange.folders import ExchangeFolder, LocalFolder, digest_of, folder_of
from engine.exchange.manifest import Manifest
from engine.exchange.part_files import ExportState, FolderTable, PartFiles, TablePage

ASKED = {"what": ["events"], "graph": "here"}


class Killed(Exception):
    """Stands for the end of a process."""


def _table(dies_after: int | None = None) -> FolderTable:
    def pages(place: int | None) -> Iterator[TablePage]:
        for number in range(0 if place is None else place + 1, 5):
            if number == dies_after:
                raise Killed
            yield TablePage(number, pa.table({"n": [2 * number, 2 * number + 1]}), number, 5)

    return FolderTable("events", pages)


def _written(folder: ExchangeFolder, dies_after: int | None = None) -> Manifest:
    state = part_files.resumed(folder, ASKED)
    state = state or part_files.begun(folder, ASKED, "2026-11-29", 7)
    parts = PartFiles(folder, state, rows_per_part=4)
    parts.write(_table(dies_after))
    assert parts.write_document("lists/changes.json", lambda: [1, "ä"]) == [1, "ä"]
    return parts.finish()


def test_a_killed_export_ends_with_the_same_files(tmp_path: Path) -> None:
    whole = _written(LocalFolder(tmp_path / "whole"))
    assert [(one.name, one.rows) for one in whole.files] == [
        ("events/part-00000.parquet", 4),
        ("events/part-00001.parquet", 4),
        ("events/part-00002.parquet", 2),
        ("lists/changes.json", 1),
    ]
    cut = LocalFolder(tmp_path / "cut")
    for dies_after in (1, 3, 4):
        with pytest.raises(Killed):
            _written(cut, dies_after)
        assert part_files.resumed(cut, ASKED)
    assert part_files.resumed(cut, ASKED | {"graph": "there"}) is None
    first = (cut.path / "events/part-00000.parquet").stat().st_mtime_ns
    assert _written(cut).files == whole.files
    assert (cut.path / "events/part-00000.parquet").stat().st_mtime_ns == first
    rows = pyarrow.parquet.read_table(cut.path / "events")["n"].to_pylist()
    assert rows == list(range(10))
    assert {one.stat().st_mode & 0o777 for one in cut.path.rglob("*.*")} == {0o600}


def test_a_part_that_is_no_longer_needed_goes(tmp_path: Path) -> None:
    """Its rows were removed from the graph between the call that was killed and this one."""
    folder = LocalFolder(tmp_path)
    with pytest.raises(Killed):
        _written(folder, 3)
    folder.write("events/part-00009.parquet", b"begun")
    whole = _written(folder)
    assert folder.names() == {one.name for one in whole.files} | {manifest.MANIFEST}


def _items(name: str, columns: list[str], dies_after: int | None = None) -> FolderTable:
    return replace(_table(dies_after), name=name, columns=columns)


def test_a_section_that_the_graph_made_other_tables_of_is_in_the_folder_once(
    tmp_path: Path,
) -> None:
    folder = LocalFolder(tmp_path)
    parts = PartFiles(folder, part_files.begun(folder, ASKED, "2026-11-29", 7), rows_per_part=4)
    parts.write_section("events", [_table()])
    with pytest.raises(Killed):
        parts.write_section("items", [_items("items", ["STRING"], 3)])

    def state() -> ExportState:
        found = part_files.resumed(folder, ASKED)
        assert found
        return found

    parts = PartFiles(folder, state(), rows_per_part=4)
    parts.write_section("events", [_items("events", ["another"], 0)])  # it has ended
    two = [_items("items/shape-0", ["STRING"]), _items("items/shape-1", ["LIST<STRING>"], 3)]
    with pytest.raises(Killed):
        parts.write_section("items", two)
    again = [_items("items/shape-0", ["BOOLEAN"]), _items("items/shape-1", ["STRING"])]
    parts = PartFiles(folder, state(), rows_per_part=4)
    parts.write_section("items", again)
    parts.write_section("items", two)  # it has ended
    whole = parts.finish()
    assert whole.rows == {"events": 10, "items/shape-0": 10, "items/shape-1": 10}
    assert folder.names() == {one.name for one in whole.files} | {manifest.MANIFEST}
    rows = pyarrow.parquet.read_table(tmp_path / "items" / "shape-1")["n"].to_pylist()
    assert rows == list(range(10))


def test_a_folder_that_lost_a_part_is_not_called_whole(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path)
    with pytest.raises(Killed):
        _written(folder, 3)
    folder.remove("events/part-00000.parquet")
    with pytest.raises(DataError, match=r"part-00000\.parquet was removed") as refused:
        _written(folder)
    assert refused.value.hint
    assert manifest.MANIFEST not in folder.names()


@pytest.fixture
def object_store(unused_port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a bucket of a store that speaks S3."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", unused_port, verbose=False)
    server.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused_port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "anything")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    fsspec.filesystem("s3").mkdir("shop")
    yield "s3://shop/backups"
    server.stop()


def test_an_address_is_a_folder_too(tmp_path: Path, object_store: str) -> None:
    here = LocalFolder(tmp_path)
    whole = _written(here)
    for address in ("memory://unit/folder", object_store):
        there = folder_of(address)
        with pytest.raises(Killed):
            _written(there, 3)
        assert _written(there).files == whole.files
        assert there.names() == here.names()
        assert manifest.read(there) == manifest.read(here)
        with there.open(whole.files[0].name) as file:
            assert digest_of(file) == whole.files[0].sha256

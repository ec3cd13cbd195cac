from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.data.reading.read_options import ReadOptions
from engine.data.reading.rejection import Rejection
from engine.data.reading.table_reader import read_blocks
from engine.loading.load import FileReport, IngestRequest, Load
from engine.loading.quarantine import Quarantine
from engine.store.registry import Registry
from engine.store.registry_schema import open_registry_engine


@pytest.fixture
def registry(home: Path) -> Iterator[Registry]:
    engine = open_registry_engine(f"sqlite:///{home / 'registry.sqlite'}")
    yield Registry(engine)
    engine.dispose()


def test_described_items_are_remembered_up_to_a_catalogue(registry: Registry, home: Path) -> None:
    load = Load(registry, IngestRequest(), home)
    load.describe(["tea", "mug"])
    load.describe(["tea"])
    assert load.described == {"tea", "mug"}
    load.describe(str(number) for number in range(100_000))
    known = len(load.described)
    load.describe(["one-more"])
    assert len(load.described) == known


def test_a_download_is_shown_in_mebibytes(registry: Registry, home: Path) -> None:
    shown: list[tuple[str, int, int]] = []
    load = Load(registry, IngestRequest(), home, lambda *step: shown.append(step))
    load.fetched(3 << 20, 175 << 20)
    assert shown == [("fetching Neo4j, MiB", 3, 175)]


def test_a_report_takes_over_what_the_quarantine_holds(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("user_id,item_id\nann,tea\n,mug\n")
    report = FileReport("events.csv", "events")
    with Quarantine(home / "quarantine", 1, path) as quarantine:
        report.count_quarantine(quarantine)
        assert report.quarantine_file is None, "nothing is in it"
        block = next(read_blocks(path, ReadOptions()))
        quarantine.add([Rejection(1, "required-value", "user_id")], block)
        report.count_quarantine(quarantine)
    assert report.reasons == {"required-value": 1}
    assert "user_id" in report.examples["required-value"]
    assert report.quarantine_file == str(quarantine.path)
    assert report.as_dict()["quarantine_file"] == str(quarantine.path)

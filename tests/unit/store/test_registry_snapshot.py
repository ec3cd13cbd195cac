"""A registry that is read and not touched: beside a writer, after a kill, of another process."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import RegistryError
from engine.resources import migrations_dir
from engine.store import registry_snapshot
from engine.store.registry import Registry
from engine.store.registry_schema import head, registry_engine


@pytest.fixture
def url(home: Path) -> str:
    return f"sqlite:///{home / 'registry.sqlite'}"


def _listing(home: Path) -> dict[str, tuple[int, int]]:
    return {one.name: (one.stat().st_mtime_ns, one.stat().st_size) for one in home.iterdir()}


_FILL = """
import os, sys
from engine.store.registry import Registry
from engine.store.registry_schema import registry_engine
with registry_engine(sys.argv[1]) as engine:
    registry = Registry(engine)
    registry.start_ingest("a.csv", "", "events")
    registry.start_run("als", {}, None, 1, "")
    registry.nights.begin("x")
    if sys.argv[2] == "killed":
        os._exit(0)
"""


def _another(url: str, how: str) -> None:
    command = [sys.executable, "-c", _FILL, url, how]
    subprocess.run(command, check=True, cwd=migrations_dir().parent)


def test_a_registry_that_is_not_there_is_not_made(url: str, home: Path) -> None:
    found = registry_snapshot.read(url)
    assert (found.current, found.head, found.runs) == (None, head(), ())
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("how", ["ended", "killed"])
def test_nothing_is_changed_and_what_the_dead_left_is_told(url: str, home: Path, how: str) -> None:
    _another(url, how)
    before = _listing(home)
    assert ("registry.sqlite-wal" in before) is (how == "killed")
    found = registry_snapshot.read(url)
    after = _listing(home)
    after.pop("registry.sqlite-shm", None)  # which readers of a log share
    before.pop("registry.sqlite-shm", None)
    assert after == before
    assert found.current == found.head
    assert [run.status for run in found.runs] == ["interrupted"]
    assert [night.status for night in found.nights] == ["interrupted"]
    assert found.loads == ()
    with registry_engine(url) as engine:  # the marks are made by whoever writes
        assert Registry(engine).runs()[0].status == "interrupted"


def test_beside_a_writer_its_newest_rows_are_seen(url: str) -> None:
    with registry_engine(url) as engine:
        registry = Registry(engine)
        for number in (1, 2):
            registry.add_generation(number, None, "als", 8, {})
        registry.start_ingest("a.csv", "", "events")
        found = registry_snapshot.read(url)
        assert [row.number for row in found.generations] == [2, 1]
        assert [one.source for one in found.loads] == ["a.csv"]
        registry.mark_generation(2, "serving")  # it still writes
        assert registry_snapshot.read(url).generations[0].state == "serving"


def test_what_is_no_database_is_refused(url: str, home: Path) -> None:
    (home / "registry.sqlite").write_bytes(b"no database " * 1_000)
    with pytest.raises(RegistryError, match="not a database"):
        registry_snapshot.read(url)

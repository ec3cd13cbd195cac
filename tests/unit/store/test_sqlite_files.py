"""A live SQLite file is opened by SQLite alone, once for each process, and stays the same file."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.errors import RegistryError
from engine.resources import migrations_dir
from engine.store import sqlite_files
from engine.store.registry import Registry
from engine.store.registry_schema import connect_engine, open_registry_engine, registry_engine
from engine.store.sqlite_files import make_private

# Python tells of every file it opens; SQLite opens its own without Python.
_WATCHED = """
import sys
from pathlib import Path
opened = []
def watch(event, arguments):
    if event == "open" and "registry.sqlite" in str(arguments[0]) and armed:
        opened.append(arguments)
armed = False
sys.addaudithook(watch)
from engine.connections.session import open_registry
from engine.config import load
from engine.usecases import keys, migration
settings = load()
with open_registry(settings) as registry:
    armed = True
    with open_registry(settings) as again:
        again.start_ingest("a", "", "events")
    keys.create(settings, "shop", ["read"])
    keys.revoke(settings, keys.list_keys(settings)[0].id)
    registry.start_ingest("b", "", "events")
    armed = False
assert not opened, opened
"""


def _url(file: Path) -> str:
    return f"sqlite:///{file}"


def test_a_registry_that_another_process_is_making_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "registry.sqlite"
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waited: list[float] = []

    def while_it_waits(seconds: float) -> None:
        waited.append(seconds)
        other.execute("COMMIT")

    monkeypatch.setattr(time, "sleep", while_it_waits)
    with registry_engine(_url(file)) as engine:
        assert Registry(engine).start_ingest("a", "", "events") == 1
    assert len(waited) == 1
    other.close()


def test_a_registry_that_stays_locked_is_told_and_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "registry.sqlite"
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(sqlite_files, "_BUSY_SECONDS", 0)
    with pytest.raises(RegistryError, match="locked"), registry_engine(_url(file)):
        pass
    other.close()


def test_nothing_but_sqlite_opens_a_live_registry(home: Path) -> None:
    subprocess.run([sys.executable, "-c", _WATCHED], check=True, cwd=migrations_dir().parent)


def test_one_engine_for_a_file_whatever_its_name(home: Path) -> None:
    (home / "link").symlink_to(home, target_is_directory=True)
    first = open_registry_engine(_url(home / "registry.sqlite"))
    assert open_registry_engine(_url(home / "link" / "registry.sqlite")) is first
    assert connect_engine(_url(home / "other.sqlite")) is not first


def test_the_last_user_closes_the_connections(home: Path) -> None:
    file = home / "registry.sqlite"
    with registry_engine(_url(file)) as outer:
        with registry_engine(_url(file)) as inner:
            assert inner is outer
            Registry(inner).totals()
        assert file.with_name("registry.sqlite-wal").exists()
    assert not file.with_name("registry.sqlite-wal").exists()


def test_every_file_of_it_is_its_owners_whatever_the_umask(home: Path) -> None:
    before = os.umask(0)
    try:
        with registry_engine(_url(home / "new" / "registry.sqlite")) as engine:
            Registry(engine).start_ingest("a", "", "events")
            found = {
                path.name: stat.S_IMODE(path.stat().st_mode) for path in (home / "new").iterdir()
            }
    finally:
        os.umask(before)
    assert found == dict.fromkeys(
        ("registry.sqlite", "registry.sqlite-wal", "registry.sqlite-shm"), 0o600
    )
    assert stat.S_IMODE((home / "new").stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_closed_to_them(home: Path) -> None:
    file = home / "registry.sqlite"
    with registry_engine(_url(file)) as engine:
        Registry(engine).totals()
        for path in home.glob("registry.sqlite*"):
            path.chmod(0o644)
        make_private(file)
        assert {stat.S_IMODE(path.stat().st_mode) for path in home.glob("*")} == {0o600}


def test_a_file_that_vanishes_in_use_is_an_error_and_no_new_one(home: Path) -> None:
    file = home / "registry.sqlite"
    with registry_engine(_url(file)) as engine:
        registry = Registry(engine)
        registry.start_ingest("a", "", "events")
        for path in home.glob("registry.sqlite*"):
            path.unlink()
        with pytest.raises(RegistryError, match="gone while it is in use") as caught:
            registry.start_ingest("b", "", "events")
        assert "backup" in caught.value.hint
        with pytest.raises(RegistryError, match="gone while it is in use"):
            open_registry_engine(_url(file))
        assert list(home.glob("registry.sqlite*")) == []


def test_a_file_put_in_its_place_is_read_from_then_on(home: Path) -> None:
    file, backup = home / "registry.sqlite", home / "backup"
    with registry_engine(_url(file)) as engine:
        Registry(engine).start_ingest("old", "", "events")
    shutil.copy(file, backup)
    with registry_engine(_url(file)) as engine:
        registry = Registry(engine)
        registry.start_ingest("new", "", "events")
        for path in home.glob("registry.sqlite*"):
            path.unlink()
        backup.rename(file)
        assert [one.source for one in registry.ingests()] == ["old"]


def test_an_emptied_registry_says_so(home: Path) -> None:
    file = home / "registry.sqlite"
    with registry_engine(_url(file)) as engine:
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE api_keys")
        with pytest.raises(RegistryError, match="no such table") as caught:
            Registry(engine).keys.all()
        assert "backup" in caught.value.hint

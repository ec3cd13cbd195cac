"""A registry whose keys are gone is an error: without a key the service would be open."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event

from engine.config import Settings, load
from engine.connections.session import open_registry
from engine.errors import RegistryError
from engine.store.key_marker import KeyMarker
from engine.store.registry import Registry
from engine.store.registry_schema import registry_engine
from engine.usecases import keys
from engine.usecases.migration import migrate


@pytest.fixture
def settings(home: Path) -> Settings:
    settings = load(home=home)
    keys.create(settings, "shop", ["read"])
    return settings


def _vanish(file: Path) -> None:
    file.unlink()


def _truncate(file: Path) -> None:
    file.write_bytes(b"")


def _drop_all(file: Path) -> None:
    with closing(sqlite3.connect(file)) as raw:
        names = [row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        for name in names:
            raw.execute(f"DROP TABLE {name}")
        raw.commit()


def _delete_keys(file: Path) -> None:
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("DELETE FROM api_keys")
        raw.commit()


def _replace_by_a_new_one(file: Path) -> None:
    with open_registry(load(home=file.parent / "other")):
        pass
    (file.parent / "other" / "registry.sqlite").rename(file)


LOSSES = [_vanish, _truncate, _drop_all, _delete_keys, _replace_by_a_new_one]


@pytest.mark.parametrize("lose", LOSSES)
def test_a_registry_that_lost_its_keys_is_refused(
    settings: Settings, lose: Callable[[Path], None]
) -> None:
    file = settings.home / "registry.sqlite"
    lose(file)
    there = file.exists()
    for attempt in (
        lambda: keys.list_keys(settings),
        lambda: keys.create(settings, "shop", ["read"]),
        lambda: migrate(settings, wait_seconds=0.0),
    ):
        with pytest.raises(RegistryError, match="though API keys were made") as caught:
            attempt()
        assert "backup" in caught.value.hint
    assert file.exists() == there


def test_a_backup_and_a_deliberate_beginning_are_taken(settings: Settings) -> None:
    file = settings.home / "registry.sqlite"
    shutil.copy(file, settings.home / "backup")
    file.unlink()
    with pytest.raises(RegistryError) as caught:
        keys.list_keys(settings)
    (settings.home / "backup").rename(file)
    assert len(keys.list_keys(settings)) == 1
    file.unlink()
    Path(caught.value.hint.rpartition("delete ")[2]).unlink()
    assert keys.list_keys(settings) == []


def test_a_home_that_was_moved_remembers(settings: Settings, tmp_path: Path) -> None:
    moved = settings.home.rename(tmp_path / "moved")
    (moved / "registry.sqlite").unlink()
    with pytest.raises(RegistryError, match="gone or empty"):
        keys.list_keys(load(home=moved))


def test_keys_of_before_there_was_a_note_are_noted(settings: Settings) -> None:
    shutil.rmtree(settings.home / "registries-with-keys")
    assert len(keys.list_keys(settings)) == 1
    (settings.home / "registry.sqlite").unlink()
    with pytest.raises(RegistryError, match="gone or empty"):
        keys.list_keys(settings)


def test_without_keys_a_registry_may_be_deleted(home: Path) -> None:
    settings = load(home=home)
    for _ in range(2):
        assert keys.list_keys(settings) == []
        (home / "registry.sqlite").unlink()


def test_the_first_key_made_while_another_command_looks_is_no_loss(home: Path) -> None:
    settings = load(home=home)
    with registry_engine(settings.registry) as engine:
        makers = [lambda: keys.create(settings, "shop", ["read"])]

        @event.listens_for(engine, "checkin")
        def _after_the_look(*_: object) -> None:
            if makers:
                makers.pop()()

        KeyMarker(home, settings.registry).check(Registry(engine))
        assert not makers
    assert [one.name for one in keys.list_keys(settings)] == ["shop"]

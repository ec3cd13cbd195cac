from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.store.registry_schema import open_registry_engine
from engine.store.tombstone_registry import TombstoneRegistry

MANY = [f"{n:064x}" for n in range(1_203)]


@pytest.fixture
def tombstones(home: Path) -> Iterator[TombstoneRegistry]:
    engine = open_registry_engine(f"sqlite:///{home / 'registry.sqlite'}")
    yield TombstoneRegistry(engine)
    engine.dispose()


def test_each_stands_once_whatever_is_added_again(tombstones: TombstoneRegistry) -> None:
    assert tombstones.state() == (0, 0)
    tombstones.add(MANY[:700], "one")
    tombstones.add(MANY, "two")
    assert tombstones.digests() == set(MANY)
    assert tombstones.keys() == {"one", "two"}
    assert tombstones.state()[0] == len(MANY)


def test_what_is_completed_stays_so(tombstones: TombstoneRegistry) -> None:
    tombstones.add(MANY, "one")
    assert tombstones.completed(MANY) == frozenset()
    tombstones.complete(MANY[:600])
    tombstones.complete(MANY[:10])
    assert tombstones.completed(MANY) == set(MANY[:600])


def test_the_state_changes_with_every_removal(tombstones: TombstoneRegistry) -> None:
    tombstones.add(MANY[:3], "one")
    before = tombstones.state()
    assert tombstones.remove([MANY[0], "not there"]) == 1
    assert tombstones.state() != before
    tombstones.add(MANY[5:7], "two")
    assert tombstones.remove_of_others("two") == 2
    assert tombstones.digests() == set(MANY[5:7])
    assert tombstones.remove_of_others(None) == 2

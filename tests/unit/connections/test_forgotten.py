from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.connections.forgotten import KEY_FILE, ForgottenIds, key_name, usable_key
from engine.errors import ConfigError
from engine.store.registry import Registry
from engine.store.registry_schema import registry_engine


@pytest.fixture
def registry(home: Path) -> Iterator[Registry]:
    with registry_engine(f"sqlite:///{home / 'registry.sqlite'}") as engine:
        yield Registry(engine)


def _forget(registry: Registry, home: Path, *ids: str) -> None:
    key = usable_key(registry, home)
    registry.tombstones.add([key.digest("user", id_) for id_ in ids], key.name)


def test_nobody_is_forgotten_and_no_key_is_made_before_anybody_asks(
    registry: Registry, home: Path
) -> None:
    forgotten = ForgottenIds(registry, home)
    assert not forgotten
    assert forgotten.among("user", ["alice", None]) == set()
    assert key_name(home) is None
    assert not (home / KEY_FILE).exists()


def test_who_is_forgotten_later_is_seen_by_a_refresh(registry: Registry, home: Path) -> None:
    forgotten = ForgottenIds(registry, home)
    _forget(registry, home, "alice", "bob")
    assert not forgotten
    assert forgotten.refresh().among("user", ["alice", "bob", "carol", None]) == {"alice", "bob"}
    assert forgotten.among("item", ["alice"]) == set()
    assert forgotten.of_any_kind(["alice", "carol"]) == {"alice"}
    registry.tombstones.remove(registry.tombstones.digests())
    assert not forgotten.refresh()
    assert (home / KEY_FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [None, "", "not hexadecimal", "00" * 32, "00"])
def test_another_key_recognises_nobody_and_says_so(
    registry: Registry, home: Path, content: str | None
) -> None:
    _forget(registry, home, "alice")
    key = home / KEY_FILE
    if content is None:
        key.unlink()
    else:
        key.write_text(content)
    with pytest.raises(ConfigError, match="is not the key of the people") as refused:
        ForgottenIds(registry, home)
    assert "engine forget drop-unknown" in (refused.value.hint or "")
    registry.tombstones.remove_of_others(key_name(home))
    assert not ForgottenIds(registry, home)
    _forget(registry, home, "alice")
    assert ForgottenIds(registry, home).among("user", ["alice"]) == {"alice"}

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.data.api_key import LIVE_AT_ONCE, ApiKey
from engine.errors import NotFound, UsageError
from engine.store.key_registry import KeyRegistry
from engine.store.registry_schema import open_registry_engine

NOW = datetime(2026, 8, 1, tzinfo=UTC)


def _key(id: str, name: str = "shop", **changes: object) -> ApiKey:
    key = ApiKey(id=id, name=name, digest=id * 2, scopes=("read",), created_at=NOW, expires_at=None)
    return replace(key, **changes)  # type: ignore[arg-type]


@pytest.fixture
def keys(home: Path) -> Iterator[KeyRegistry]:
    engine = open_registry_engine(f"sqlite:///{home / 'registry.sqlite'}")
    yield KeyRegistry(engine)
    engine.dispose()


def test_keys_come_back_as_they_were_made_oldest_first(keys: KeyRegistry) -> None:
    assert not keys.any()
    later = _key("b", scopes=("read", "admin"), created_at=NOW + timedelta(days=1))
    first = _key("a", "other", expires_at=NOW + timedelta(days=2))
    keys.add(later)
    keys.add(first)
    assert keys.all() == [first, later]
    assert keys.any()


def test_a_name_has_so_many_live_keys_and_no_more(keys: KeyRegistry) -> None:
    for number in range(LIVE_AT_ONCE):
        keys.add(_key(str(number)))
    with pytest.raises(UsageError, match=f"shop has {LIVE_AT_ONCE} live keys") as refused:
        keys.add(_key("more"))
    assert "engine keys revoke 0" in (refused.value.hint or "")
    keys.add(_key("theirs", "other"))
    keys.revoke("0")
    keys.add(_key("more", created_at=datetime.now(UTC)))


def test_an_expired_key_does_not_count(keys: KeyRegistry) -> None:
    for number in range(LIVE_AT_ONCE):
        keys.add(_key(str(number), expires_at=NOW + timedelta(days=1)))
    keys.add(_key("next", created_at=NOW + timedelta(days=1)))


def test_revoking_is_for_good_and_twice_changes_nothing(keys: KeyRegistry) -> None:
    keys.add(_key("a"))
    first = keys.revoke("a")
    assert first.revoked_at is not None
    assert keys.revoke("a").revoked_at == first.revoked_at
    assert keys.any(), "a key was made, so the service is not open"
    with pytest.raises(NotFound, match="there is no key b"):
        keys.revoke("b")

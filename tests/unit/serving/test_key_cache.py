"""The keys a running service knows: new ones come, revoked ones go, lost ones open nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.config import load
from engine.connections.session import open_registry
from engine.errors import RegistryError
from engine.serving.key_cache import KeyCache
from engine.usecases import keys


def test_lost_keys_leave_the_service_closed(home: Path) -> None:
    settings = load(home=home)
    made = keys.create(settings, "shop", ["read"])
    with open_registry(settings) as registry:
        cache = KeyCache(registry)
        cache.close()  # the test itself says when it looks
        assert cache.find(made.text) is not None
        with closing(sqlite3.connect(home / "registry.sqlite")) as raw:
            raw.execute("DELETE FROM api_keys")
            raw.commit()
        with pytest.raises(RegistryError, match="no API key any more"):
            cache.refresh()
        assert cache.find(made.text) is None
        assert not cache.empty


def test_keys_go_on_while_the_registry_is_away(home: Path) -> None:
    settings = load(home=home)
    made = keys.create(settings, "shop", ["read"])
    with open_registry(settings) as registry:
        cache = KeyCache(registry)
        cache.close()
        for path in home.glob("registry.sqlite*"):
            path.unlink()
        with pytest.raises(RegistryError, match="gone"):
            cache.refresh()
        assert cache.find(made.text) is not None


def test_a_key_is_found_by_its_whole_text_until_it_is_revoked(home: Path) -> None:
    settings = load(home=home)
    with open_registry(settings) as registry:
        cache = KeyCache(registry)
        cache.close()
        assert cache.empty
        made = keys.create(settings, "shop", ["read"])
        cache.refresh()
        found = cache.find(made.text)
        assert found is not None
        assert (found.name, found.scopes) == ("shop", ("read",))
        for other in ("", "engine", made.text[:-1], made.text + "A", made.text.upper()):
            assert cache.find(other) is None
        keys.revoke(settings, made.key.id)
        cache.refresh()
        assert cache.find(made.text) is None
        assert not cache.empty


def test_a_key_of_another_shop_opens_nothing(tmp_path: Path) -> None:
    tea, books = load(home=tmp_path / "tea"), load(home=tmp_path / "books")
    ours = keys.create(tea, "shop", ["read", "write", "admin"])
    keys.create(books, "shop", ["read"])
    with open_registry(books) as registry:
        cache = KeyCache(registry)
        cache.close()
        assert not cache.empty
        assert cache.find(ours.text) is None

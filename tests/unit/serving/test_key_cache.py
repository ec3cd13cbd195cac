"""Keys in memory are those of the registry, and closed for good once one was made."""

from pathlib import Path

from engine.config import Settings
from engine.connections.session import open_registry
from engine.serving.key_cache import KeyCache
from engine.usecases import keys


def test_keys_follow_the_registry(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with open_registry(settings) as registry:
        cache = KeyCache(registry)
        try:
            assert cache.empty
            made = keys.create(settings, "shop", ["read"])
            cache.refresh()
            assert not cache.empty
            found = cache.find(made.text)
            assert found is not None
            assert (found.name, found.scopes) == ("shop", ("read",))
            for other in ("", "engine", made.text[:-1], made.text + "A", made.text.upper()):
                assert cache.find(other) is None
            keys.revoke(settings, made.key.id)
            cache.refresh()
            assert cache.find(made.text) is None
            assert not cache.empty  # that every key is gone lets nobody in
        finally:
            cache.close()

"""The registry's API keys as a service holds them in memory."""

from collections.abc import Mapping
from datetime import UTC, datetime

from engine.data.api_key import ApiKey, id_of
from engine.errors import RegistryError
from engine.serving.ticker import Ticker
from engine.store.registry import Registry

_REFRESH_SECONDS = 0.5


class KeyCache:
    """The registry's keys in memory, at most a second old: no request waits for the registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._keys: Mapping[str, ApiKey] = {}
        self._made = False
        self.refresh()
        self._ticker = Ticker("engine-keys", _REFRESH_SECONDS, self.refresh)

    @property
    def empty(self) -> bool:
        """Whether no key was ever made; one that was revoked counts, and so do lost ones."""
        return not self._made

    def refresh(self) -> None:
        """Read the keys again; without any of those that were there, no request has a right.

        Raises:
            RegistryError: The registry cannot be read, or has lost its keys.
        """
        self._keys = {key.id: key for key in self._registry.keys.all()}
        self._made = self._made or bool(self._keys)
        if self._made and not self._keys:
            raise RegistryError(
                "the registry holds no API key any more",
                hint="restore it from a backup; until then every request is refused",
            )

    def find(self, text: str) -> ApiKey | None:
        """Return the live key that ``text`` is, or None."""
        key = self._keys.get(id_of(text) or "")
        if key is None or not key.fits(text) or not key.live(datetime.now(UTC)):
            return None
        return key

    def close(self) -> None:
        """Stop reading them."""
        self._ticker.close()

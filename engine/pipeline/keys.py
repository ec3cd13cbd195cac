"""API keys: make, list and revoke them; and the ring a service holds in memory.

May import: ``session``, ``ticker``, ``store``, ``data``, ``config``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from engine.config import Settings
from engine.data.api_key import SCOPES, ApiKey, Scope, digest_of, id_of, new_key
from engine.errors import UsageError
from engine.pipeline.session import open_registry
from engine.pipeline.ticker import Ticker
from engine.store.registry import Registry

_REFRESH_SECONDS = 2.0
_NAME_LENGTH = 64


@dataclass(frozen=True)
class NewKey:
    """A key that was just made; its text is shown once and kept nowhere."""

    key: ApiKey
    text: str


def create(
    settings: Settings, name: str, scopes: Sequence[Scope], days: int | None = None
) -> NewKey:
    """Make a key; a name may have two that live, so that one can replace the other.

    Raises:
        UsageError: The name or a scope is not allowed, or two keys of that name live.
    """
    if not name.isprintable() or not 1 <= len(name) <= _NAME_LENGTH:
        raise UsageError(f"a key's name has 1 to {_NAME_LENGTH} characters", hint="such as: shop")
    if not scopes or set(scopes) - set(SCOPES):
        raise UsageError("a key needs one scope or more", hint="--scope " + ", ".join(SCOPES))
    now = datetime.now(UTC)
    id_, text = new_key()
    key = ApiKey(
        id=id_,
        name=name,
        digest=digest_of(text),
        scopes=tuple(scope for scope in SCOPES if scope in scopes),
        created_at=now,
        expires_at=None if days is None else now + timedelta(days=days),
    )
    with open_registry(settings) as registry:
        registry.keys.add(key)
    return NewKey(key, text)


def list_keys(settings: Settings) -> list[ApiKey]:
    """Return every key ever made, oldest first."""
    with open_registry(settings) as registry:
        return registry.keys.all()


def revoke(settings: Settings, id: str) -> ApiKey:
    """Close a key for good; a running service follows within seconds.

    Raises:
        NotFound: No such key.
    """
    with open_registry(settings) as registry:
        return registry.keys.revoke(id)


class KeyRing:
    """The registry's keys in memory, at most two seconds old: no request waits for the registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._keys: Mapping[str, ApiKey] = {}
        self.refresh()
        self._ticker = Ticker("engine-keys", _REFRESH_SECONDS, self.refresh)

    @property
    def empty(self) -> bool:
        """Whether no key was ever made; one that was revoked counts."""
        return not self._keys

    def refresh(self) -> None:
        """Read the keys anew."""
        self._keys = {key.id: key for key in self._registry.keys.all()}

    def find(self, text: str) -> ApiKey | None:
        """Return the live key that ``text`` is, or None."""
        key = self._keys.get(id_of(text) or "")
        if key is None or not key.fits(text) or not key.live(datetime.now(UTC)):
            return None
        return key

    def close(self) -> None:
        """Stop reading them anew."""
        self._ticker.close()

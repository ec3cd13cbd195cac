"""API keys: make, list and revoke them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from engine.config import Settings
from engine.connections.session import note_keys, open_registry
from engine.data.api_key import SCOPES, ApiKey, Scope, digest_of, new_key
from engine.errors import UsageError

__all__ = ["SCOPES", "ApiKey", "NewKey", "Scope", "create", "list_keys", "revoke"]

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
        note_keys(settings)
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

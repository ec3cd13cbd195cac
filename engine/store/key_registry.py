"""API keys in the registry."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from engine.data.api_key import LIVE_AT_ONCE, ApiKey
from engine.errors import NotFound, UsageError
from engine.store.registry_records import key_of
from engine.store.registry_schema import registry_errors
from engine.store.tables import KeyRow


class KeyRegistry:
    """Reads and writes API keys; each method is one transaction.

    Args:
        engine: As ``registry_schema.open_registry_engine`` returns it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, key: ApiKey) -> None:
        """Record a new key.

        Raises:
            UsageError: That name has two live keys already.
        """
        with self._session() as session:
            rows = session.scalars(select(KeyRow).where(KeyRow.name == key.name))
            live = [row.id for row in rows if key_of(row).live(key.created_at)]
            if len(live) >= LIVE_AT_ONCE:
                raise UsageError(
                    f"{key.name} has {len(live)} live keys: {', '.join(live)}",
                    hint=f"revoke the one that is not used any more: engine keys revoke {live[0]}",
                )
            session.add(KeyRow(**asdict(key) | {"scopes": list(key.scopes)}))

    def all(self) -> list[ApiKey]:
        """Return every key ever made, oldest first."""
        with self._session() as session:
            return [
                key_of(row) for row in session.scalars(select(KeyRow).order_by(KeyRow.created_at))
            ]

    def any(self) -> bool:
        """Tell whether a key was ever made; one that was revoked counts."""
        with self._session() as session:
            return session.scalar(select(KeyRow.id).limit(1)) is not None

    def revoke(self, id: str) -> ApiKey:
        """Close a key for good and return it; doing it again changes nothing.

        Raises:
            NotFound: No such key.
        """
        with self._session() as session:
            row = session.get(KeyRow, id)
            if row is None:
                raise NotFound(
                    f"there is no key {id}", hint="see which there are: engine keys list"
                )
            row.revoked_at = row.revoked_at or datetime.now(UTC)
            return key_of(row)

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with registry_errors(), Session(self._engine) as session, session.begin():
            yield session

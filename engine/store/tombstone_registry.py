"""Tombstones in the registry: which users and items are forgotten, by keyed hashes alone.

They stand here and not in the graph: a graph that is reset, replaced by the offline importer or
restored from a backup must not bring anybody back.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.orm import Session

from engine.store.registry_schema import registry_errors
from engine.store.tables import TombstoneRow

_AT_ONCE = 500


class TombstoneRegistry:
    """Reads and writes tombstones; each method is one transaction.

    Args:
        engine: As ``registry_schema.open_registry_engine`` returns it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def state(self) -> tuple[int, int]:
        """Return how many there are and the number of the newest: what changes with any of them."""
        asked = select(func.count(), func.max(TombstoneRow.id)).select_from(TombstoneRow)
        with self._session() as session:
            count, newest = session.execute(asked).one()
            return int(count), int(newest or 0)

    def keys(self) -> frozenset[str]:
        """Return the names of the keys that they were made with."""
        with self._session() as session:
            return frozenset(session.scalars(select(TombstoneRow.key_name).distinct()))

    def digests(self) -> frozenset[str]:
        """Return all of them."""
        with self._session() as session:
            return frozenset(session.scalars(select(TombstoneRow.digest)))

    def completed(self, digests: Collection[str]) -> frozenset[str]:
        """Return those whose removal was carried through to its end."""
        found: set[str] = set()
        with self._session() as session:
            for some in _parts(digests):
                asked = select(TombstoneRow.digest).where(
                    TombstoneRow.digest.in_(some), TombstoneRow.completed_at.is_not(None)
                )
                found.update(session.scalars(asked))
        return frozenset(found)

    def add(self, digests: Collection[str], key_name: str) -> None:
        """Set those that do not stand yet."""
        now = datetime.now(UTC)
        with self._session() as session:
            for some in _parts(digests):
                asked = select(TombstoneRow.digest).where(TombstoneRow.digest.in_(some))
                there = set(session.scalars(asked))
                session.add_all(
                    TombstoneRow(digest=one, key_name=key_name, created_at=now)
                    for one in some
                    if one not in there
                )

    def complete(self, digests: Collection[str]) -> None:
        """Note that the removal of some is carried through; the first time counts."""
        now = datetime.now(UTC)
        with self._session() as session:
            for some in _parts(digests):
                session.execute(
                    update(TombstoneRow)
                    .where(TombstoneRow.digest.in_(some), TombstoneRow.completed_at.is_(None))
                    .values(completed_at=now)
                )

    def remove(self, digests: Collection[str]) -> int:
        """Take some away and return how many stood."""
        taken = 0
        with self._session() as session:
            for some in _parts(digests):
                done = session.execute(delete(TombstoneRow).where(TombstoneRow.digest.in_(some)))
                taken += done.rowcount  # type: ignore[attr-defined]
        return taken

    def remove_of_others(self, key_name: str | None) -> int:
        """Take away those of another key than this one and return how many they were."""
        others = TombstoneRow.key_name != (key_name or "")
        with self._session() as session:
            done = session.execute(delete(TombstoneRow).where(others))
            return int(done.rowcount)  # type: ignore[attr-defined]

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with registry_errors(), Session(self._engine) as session, session.begin():
            yield session


def _parts(digests: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(set(digests))
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]

"""What the registry holds that can name a person: messages of nights, paths of files, digests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.store.registry_schema import registry_errors
from engine.store.tables import IngestRow, RunRow, StepRow


class RemovalRecords:
    """Corrects records whose subject was removed; each method is one transaction.

    Args:
        engine: As ``registry_schema.open_registry_engine`` returns it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def replace_digest(self, run: int, embeddings_digest: str) -> None:
        """Record the hash of a run's vectors after rows of its checkpoint were removed.

        Raises:
            NotFound: No such run.
        """
        with self._session() as session:
            row = session.get(RunRow, run)
            if row is None:
                raise NotFound(f"there is no run {run}", hint="see which there are: engine runs")
            row.embeddings_digest = embeddings_digest

    def replace_texts(self, redacted: Callable[[str], str]) -> int:
        """Replace texts of nights and of loads and return how many records changed.

        Args:
            redacted: Returns a text without what is to be removed; the same text where there is
                nothing.
        """
        changed = 0
        with self._session() as session:
            for step in session.scalars(select(StepRow)):
                if (result := _replaced(step.result, redacted)) != step.result:
                    step.result = result
                    changed += 1
            for load in session.scalars(select(IngestRow)):
                if (source := redacted(load.source)) != load.source:
                    load.source = source
                    changed += 1
        return changed

    def compact(self) -> None:
        """Overwrite what was replaced: SQLite leaves it in free pages and in its journal."""
        if self._engine.dialect.name != "sqlite":
            return  # PostgreSQL's autovacuum does so
        with registry_errors():
            connection = self._engine.raw_connection()
            try:
                cursor = connection.cursor()
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                cursor.close()
            finally:
                connection.close()

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with registry_errors(), Session(self._engine) as session, session.begin():
            yield session


def _replaced(value: Any, redacted: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {name: _replaced(one, redacted) for name, one in value.items()}
    return [_replaced(one, redacted) for one in value] if isinstance(value, list) else value

"""The registry's rows as plain values, and back into another registry: what a backup holds of it.

API keys are left out, as whoever can read a copy must not be let in by it. So are the ids of
tombstones, which are counted in each registry.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, Table, func, select, text
from sqlalchemy.orm import Session

from engine.errors import UsageError
from engine.store.registry_schema import registry_errors
from engine.store.tables import RegistryTable, TombstoneRow, UtcDateTime

TableRows = dict[str, list[dict[str, Any]]]
"""Name of a table to its rows, moments as ISO 8601."""

_LEFT_OUT = ("api_keys", TombstoneRow.__tablename__)
# What tells that two rows of one number are two things.
_BIRTHS = {
    "ingests": "started_at",
    "runs": "started_at",
    "nights": "started_at",
    "generations": "created_at",
    "experiments": "started_at",
}
_TOMBSTONES = ("digest", "key_name", "created_at", "completed_at")
_AT_ONCE = 500


class RegistryCopy:
    """Reads and writes whole tables.

    Args:
        engine: As ``registry_schema.open_registry_engine`` returns it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def rows(self) -> TableRows:
        """Return every row, tables and rows in one order."""
        with self._session() as session:
            found = {table.name: _rows(session, table) for table in _tables()}
            tombstones = _rows(session, _tombstones())
        kept = [{name: row[name] for name in _TOMBSTONES} for row in tombstones]
        return found | {_tombstones().name: sorted(kept, key=lambda row: str(row["digest"]))}

    def check(self, rows: TableRows) -> None:
        """Refuse rows whose number stands for something else here.

        Raises:
            UsageError: Names the first one.
        """
        with self._session() as session:
            for table in _tables():
                birth = _BIRTHS.get(table.name)
                if birth is None:
                    continue
                there = {_key(table, row): row[birth] for row in _rows(session, table)}
                for row in rows.get(table.name, []):
                    if there.get(key := _key(table, row), row[birth]) != row[birth]:
                        raise UsageError(
                            f"{table.name} {key[0]} of this registry is another one than that of "
                            "the folder",
                            hint="import into a new home: engine --home DIR; or leave it out: "
                            "--what events,items,users,facts",
                        )

    def add(self, rows: TableRows) -> int:
        """Add what is missing, in one transaction, and return how many rows that were."""
        added = 0
        with self._session() as session:
            for table in _tables():
                there = {_key(table, row) for row in _rows(session, table)}
                missing = [row for row in rows.get(table.name, []) if _key(table, row) not in there]
                added += _insert(session, table, missing)
                _move_sequence(session, table)
            there = set(session.scalars(select(TombstoneRow.digest)))
            given = rows.get(_tombstones().name, [])
            new = [row for row in given if row["digest"] not in there]
            added += _insert(session, _tombstones(), new)
        return added

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with registry_errors(), Session(self._engine) as session, session.begin():
            yield session


def _tables() -> list[Table]:
    """Return the tables that are copied, each after those that it refers to."""
    return [one for one in RegistryTable.metadata.sorted_tables if one.name not in _LEFT_OUT]


def _tombstones() -> Table:
    return RegistryTable.metadata.tables[TombstoneRow.__tablename__]


def _key(table: Table, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[one.name] for one in table.primary_key)


def _rows(session: Session, table: Table) -> list[dict[str, Any]]:
    found = session.execute(select(table).order_by(*table.primary_key)).mappings()
    return [{name: _plain(value) for name, value in row.items()} for row in found]


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _insert(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    moments = [one.name for one in table.columns if isinstance(one.type, UtcDateTime)]
    for start in range(0, len(rows), _AT_ONCE):
        part = [
            dict(row)
            | {name: datetime.fromisoformat(row[name]) for name in moments if row.get(name)}
            for row in rows[start : start + _AT_ONCE]
        ]
        session.execute(table.insert(), part)
    return len(rows)


def _move_sequence(session: Session, table: Table) -> None:
    """Let PostgreSQL's counter go on after the numbers given; SQLite looks at its rows."""
    key = table.autoincrement_column
    if session.get_bind().dialect.name != "postgresql" or key is None:
        return
    newest = session.scalar(select(func.max(key)))
    if newest is not None:
        session.execute(
            text("SELECT setval(pg_get_serial_sequence(:table, :column), :newest)"),
            {"table": table.name, "column": key.name, "newest": newest},
        )

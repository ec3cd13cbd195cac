"""The graph's schema: apply ``migrations/neo4j`` in order, once, under a lock, with a history.

A migration is a numbered ``.cypher`` file of idempotent statements, split on ``;`` at the end of a
line. What was applied is kept in the graph with a checksum that does not see line endings. A lock
node admits one migrator at a time.
"""

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine.errors import SchemaMismatch
from engine.resources import migrations_dir
from engine.store.graph_client import GraphClient
from engine.store.migration_lock import LockHolder, MigrationLock

_LOG = logging.getLogger(__name__)
_FILE_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.cypher")
_MADE = re.compile(r"CREATE\s+(?:[A-Z]+ )?(CONSTRAINT|INDEX) (\w+) IF NOT EXISTS")
_INDEX_WAIT_SECONDS = 600


@dataclass(frozen=True)
class Migration:
    """One file of ``migrations/neo4j``."""

    number: int
    name: str
    checksum: str
    statements: tuple[str, ...]


@dataclass(frozen=True)
class AppliedMigration:
    """One entry of the history kept in the graph."""

    number: int
    name: str
    checksum: str
    applied_at: datetime


@dataclass(frozen=True)
class SchemaStatus:
    """What is applied, what is not, and who is migrating right now.

    Attributes:
        applied: History, oldest first.
        pending: Names of the migrations that ``apply`` would run.
        lock: Holder of the migration lock, or None when it is free.
    """

    applied: tuple[AppliedMigration, ...]
    pending: tuple[str, ...]
    lock: LockHolder | None


def read_migrations(folder: Path | None = None) -> tuple[Migration, ...]:
    """Return the migrations on disk in order.

    Raises:
        SchemaMismatch: A file name is malformed, or a number is missing or taken twice.
    """
    root = folder or migrations_dir() / "neo4j"
    found = []
    for position, path in enumerate(sorted(root.glob("*.cypher")), start=1):
        match = _FILE_NAME.fullmatch(path.name)
        if match is None or int(match.group(1)) != position:
            raise SchemaMismatch(
                f"graph migration {path.name} is not number {position:04d}",
                hint="name the files 0001_what.cypher, 0002_what.cypher, ... without gaps",
            )
        found.append(_parse(position, path))
    if not found:
        raise SchemaMismatch(
            f"no graph migrations in {root}",
            hint="reinstall: pip install --force-reinstall engine-recsys",
        )
    return tuple(found)


def _parse(number: int, path: Path) -> Migration:
    text = path.read_bytes().decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    code = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("//"))
    statements = (part.strip() for part in re.split(r";[ \t]*(?:\n|$)", code))
    return Migration(
        number=number,
        name=path.stem,
        checksum=hashlib.sha256(text.encode()).hexdigest(),
        statements=tuple(part for part in statements if part),
    )


def apply(client: GraphClient, *, wait_seconds: float, folder: Path | None = None) -> list[str]:
    """Apply the pending migrations and return their names; nothing pending costs one read.

    Args:
        client: The graph.
        wait_seconds: How long to wait for another migrator to finish.
        folder: Where the migrations are; the shipped ones when None.

    Raises:
        SchemaMismatch: An applied migration was changed or is missing, or one is out of order.
        Busy: Another migrator still holds the lock after ``wait_seconds``.
    """
    known = read_migrations(folder)
    if not _pending(known, _history(client)):
        return []
    client.schema("schema/create_lock_constraint")
    client.schema("schema/create_history_constraint")
    with MigrationLock(client, wait_seconds=wait_seconds) as lock:
        # Read again: whoever held the lock before us has probably applied them all.
        pending = _pending(known, _history(client))
        for migration in pending:
            _LOG.info("applying graph migration %s", migration.name)
            for statement in migration.statements:
                client.run_text(statement)
            lock.record(migration.number, migration.name, migration.checksum)
        if pending:
            client.schema("schema/await_indexes", seconds=_INDEX_WAIT_SECONDS)
    return [migration.name for migration in pending]


def repair(client: GraphClient, *, wait_seconds: float) -> int:
    """Carry out again what is applied: a constraint or an index that was dropped comes back.

    Statements of migrations are idempotent; nothing is written to the history.

    Returns:
        How many statements were carried out.

    Raises:
        SchemaMismatch: The history and the files disagree.
        Busy: Another migrator still holds the lock after ``wait_seconds``.
        QueryFailed: The graph holds what a constraint forbids; the message names it.
    """
    apply(client, wait_seconds=wait_seconds)
    statements = [one for migration in read_migrations() for one in migration.statements]
    with MigrationLock(client, wait_seconds=wait_seconds):
        for statement in statements:
            client.run_text(statement)
        client.schema("schema/await_indexes", seconds=_INDEX_WAIT_SECONDS)
    return len(statements)


def made_by_migrations() -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of the constraints and of the indexes that the shipped migrations make."""
    found = [
        match.groups()
        for migration in read_migrations()
        for statement in migration.statements
        for match in _MADE.finditer(statement)
    ]
    return (
        frozenset(name for kind, name in found if kind == "CONSTRAINT"),
        frozenset(name for kind, name in found if kind == "INDEX"),
    )


def status(client: GraphClient, *, folder: Path | None = None) -> SchemaStatus:
    """Return what is applied and what is pending; changes nothing.

    Raises:
        SchemaMismatch: The history and the files disagree.
    """
    applied = _history(client)
    pending = _pending(read_migrations(folder), applied)
    return SchemaStatus(
        applied=applied,
        pending=tuple(migration.name for migration in pending),
        lock=MigrationLock.holder(client),
    )


def _history(client: GraphClient) -> tuple[AppliedMigration, ...]:
    return tuple(
        AppliedMigration(
            number=int(row["number"]),
            name=str(row["name"]),
            checksum=str(row["checksum"]),
            applied_at=datetime.fromtimestamp(row["applied_at"] / 1000, tz=UTC),
        )
        for row in client.read("schema/read_history")
    )


def _pending(
    known: Sequence[Migration], applied: Sequence[AppliedMigration]
) -> tuple[Migration, ...]:
    for position, entry in enumerate(applied, start=1):
        if entry.number != position:
            raise SchemaMismatch(
                f"graph migration {position:04d} was never applied, but {entry.name} was",
                hint="the history in the graph is damaged: restore the database from a backup",
            )
        if position > len(known):
            raise SchemaMismatch(
                f"the graph has migration {entry.name}, which this version does not know",
                hint="upgrade the engine: pip install --upgrade engine-recsys",
            )
        if (known[position - 1].name, known[position - 1].checksum) != (entry.name, entry.checksum):
            raise SchemaMismatch(
                f"graph migration {entry.name} was changed after it was applied",
                hint="put the released file back and write the change as a new migration; "
                "see: engine migrate --status",
            )
    return tuple(known[len(applied) :])

"""The registry as it is, for whoever looks and changes nothing: no migration, no mark, no file.

SQLite makes files beside a database that it only reads; where nobody has it open it is told that
the file cannot change, and makes none.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from engine.data.experiment_definition import Experiment
from engine.errors import RegistryError
from engine.store import registry_schema, sqlite_files
from engine.store.experiment_registry import running_experiments
from engine.store.processes import ProcessIdentity
from engine.store.registry_records import (
    GenerationRecord,
    Ingest,
    Night,
    Run,
    generation_of,
    ingest_of,
    night_of,
    run_of,
)
from engine.store.registry_schema import registry_errors
from engine.store.tables import GenerationRow, IngestRow, NightRow, RunRow
from engine.store.work_in_progress import INTERRUPTED, RUNNING


@dataclass(frozen=True)
class RegistrySnapshot:
    """What the registry holds at a moment.

    What a dead process of this machine left ``running`` is shown as ``interrupted``.

    Attributes:
        current: Its newest migration, None: it is empty or not there.
        head: The newest migration of this version. Where the two differ, the rest is empty.
        damage: What SQLite finds wrong with its file; empty where it is whole. Where it is not,
            nothing else is read.
        generations, runs, nights: The newest first.
        loads: Those at work now.
        experiments: Those that run.
    """

    current: str | None
    head: str
    damage: str = ""
    generations: tuple[GenerationRecord, ...] = ()
    runs: tuple[Run, ...] = ()
    nights: tuple[Night, ...] = ()
    loads: tuple[Ingest, ...] = ()
    experiments: tuple[Experiment, ...] = ()


def read(url: str) -> RegistrySnapshot:
    """Read the registry at ``url``.

    Raises:
        ConfigError: The URL is malformed or its driver is not installed.
        RegistryError: It cannot be opened or read.
    """
    parsed = registry_schema.parsed_url(url)
    file = sqlite_files.file_of(parsed)
    if file is None:
        with sqlite_files.in_use(registry_schema.connect_engine(url)) as engine:
            return _read(engine)
    if sqlite_files.is_missing_or_empty(file):
        return RegistrySnapshot(None, registry_schema.head())
    if not _is_open(file):
        before = _stamp(file)
        try:
            with _reading(file, "immutable=1") as engine:
                found = _read(engine)
        except RegistryError:
            if not _is_open(file) and _stamp(file) == before:
                raise
        else:
            if not _is_open(file) and _stamp(file) == before:
                return found
    with _reading(file, "mode=ro") as engine:
        return _read(engine)


def _is_open(file: Path) -> bool:
    """Tell whether a process has it open, or was killed while it had."""
    return any(file.with_name(file.name + end).exists() for end in ("-wal", "-journal"))


def _stamp(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_mtime_ns, found.st_size


@contextmanager
def _reading(file: Path, how: str) -> Iterator[Engine]:
    uri = f"{file.as_uri()}?{how}"
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(uri, uri=True, timeout=10.0, check_same_thread=False),
        poolclass=StaticPool,
    )
    try:
        yield engine
    finally:
        engine.dispose()


def _read(engine: Engine) -> RegistrySnapshot:
    with registry_errors(), engine.connect() as connection, Session(connection) as session:
        if damage := _damage(connection):
            return RegistrySnapshot(None, registry_schema.head(), damage)
        found = RegistrySnapshot(registry_schema.current(connection), registry_schema.head())
        if found.current != found.head:
            return found
        return replace(
            found,
            generations=tuple(
                generation_of(row)
                for row in session.scalars(
                    select(GenerationRow).order_by(GenerationRow.number.desc())
                )
            ),
            runs=tuple(
                replace(run_of(row), status=_status(row))
                for row in session.scalars(select(RunRow).order_by(RunRow.id.desc()))
            ),
            nights=tuple(
                replace(night_of(row), status=_status(row))
                for row in session.scalars(select(NightRow).order_by(NightRow.id.desc()))
            ),
            loads=tuple(
                ingest_of(row)
                for row in session.scalars(select(IngestRow).where(IngestRow.status == RUNNING))
                if _status(row) == RUNNING
            ),
            experiments=tuple(running_experiments(session)),
        )


def _damage(connection: Connection) -> str:
    """Return what SQLite's own check finds wrong with the file; empty where it is whole."""
    if connection.dialect.name != "sqlite":
        return ""
    try:
        said = [str(one) for one in connection.execute(text("PRAGMA quick_check(3)")).scalars()]
    except DatabaseError as error:
        if "malformed" in str(error.orig):
            return str(error.orig)
        raise
    return "" if said == ["ok"] else "; ".join(said)


def _status(row: RunRow | NightRow | IngestRow) -> str:
    if row.status != RUNNING:
        return row.status
    process = ProcessIdentity(row.host, row.pid, row.process_started)
    return INTERRUPTED if process.is_dead() else RUNNING

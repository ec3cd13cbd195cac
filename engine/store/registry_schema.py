"""Open the registry and keep its tables up to date: Alembic over a connection handed in.

SQLite by default, PostgreSQL by URL.
"""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from alembic import command, util
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from engine.errors import ConfigError, RegistryError
from engine.resources import migrations_dir

_BUSY_SECONDS = 30
# Any constant will do; it only has to be the same in every engine.
_UPGRADE_LOCK = 7_315_502_026


@dataclass(frozen=True)
class RegistryStatus:
    """Where the registry's tables are (None: nowhere yet) and where they should be."""

    current: str | None
    head: str


def open_registry_engine(url: str) -> Engine:
    """Return an engine whose tables are at the newest migration.

    Args:
        url: ``sqlite:///path`` or ``postgresql://user:password@host/database``.

    Raises:
        ConfigError: The URL is malformed or its driver is not installed.
        RegistryError: The database cannot be opened, or is newer than this version.
    """
    engine = connect_engine(url)
    try:
        upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def connect_engine(url: str) -> Engine:
    """Return an engine as it is; migrates nothing.

    Raises:
        ConfigError: The URL is malformed or its driver is not installed.
        RegistryError: The folder of the SQLite file cannot be written.
    """
    parsed = _parse(url)
    try:
        engine = create_engine(
            parsed,
            pool_pre_ping=parsed.get_backend_name() != "sqlite",
            # Settings may hold paths and other plain values that print well.
            json_serializer=partial(json.dumps, default=str),
        )
    except (ImportError, NoSuchModuleError) as error:
        raise ConfigError(
            f"no driver is installed for {parsed.get_backend_name()}",
            hint="pip install 'engine-recsys[postgresql]', or use a sqlite:/// registry",
        ) from error
    if parsed.get_backend_name() == "sqlite":
        with registry_errors():
            _make_private_file(parsed)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError(
            "the registry's URL is malformed",
            hint="set ENGINE_REGISTRY_URL to sqlite:///PATH or postgresql://USER@HOST/DATABASE",
        ) from error
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def _sqlite_file(url: URL) -> Path | None:
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


def _make_private_file(url: URL) -> None:
    """Make the file readable by its owner only, before SQLite makes it for everybody."""
    path = _sqlite_file(url)
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _prepare_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    # Python's own transaction handling leaves DDL outside transactions; _begin_sqlite does it.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {_BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns into a writer can fail at once instead of waiting.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the tables to ``revision``; two at once wait for each other.

    Raises:
        RegistryError: The database refuses, or is newer than this version.
    """
    with registry_errors(), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        if revision != "head" or current(connection) != head():
            command.upgrade(_config(connection), revision)


def read_status(url: str) -> RegistryStatus:
    """Return where the tables are and where they should be; changes nothing.

    Raises:
        ConfigError: The URL is malformed or its driver is not installed.
        RegistryError: The database cannot be opened.
    """
    parsed = _parse(url)
    if (file := _sqlite_file(parsed)) and not file.exists():
        return RegistryStatus(None, head())
    engine = connect_engine(url)
    try:
        with registry_errors(), engine.connect() as connection:
            return RegistryStatus(current(connection), head())
    finally:
        engine.dispose()


def downgrade(engine: Engine, revision: str) -> None:
    """Take the tables back to ``revision``; ``base`` drops them all."""
    with registry_errors(), engine.begin() as connection:
        command.downgrade(_config(connection), revision)


def current(connection: Connection) -> str | None:
    """Return the migration the database is at, or None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """Return the newest migration this version ships."""
    newest = ScriptDirectory.from_config(_config(None)).get_current_head()
    if newest is None:
        raise RegistryError(
            "no registry migrations are shipped",
            hint="reinstall: pip install --force-reinstall engine-recsys",
        )
    return newest


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_dir() / "sql").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def registry_errors() -> Iterator[None]:
    """Map what SQLAlchemy, Alembic and the disk raise onto ``RegistryError``."""
    try:
        yield
    except util.CommandError as error:
        raise RegistryError(
            f"the registry was made by another version of the engine: {error}",
            hint="upgrade the engine: pip install --upgrade engine-recsys",
        ) from error
    except SQLAlchemyError as error:
        raise RegistryError(f"the registry failed: {_reason(error)}", hint=_hint(error)) from error
    except OSError as error:
        raise RegistryError(
            f"the registry's file cannot be opened: {error.strerror}",
            hint="check the folder ENGINE_HOME; see: engine config show",
        ) from error


def _reason(error: SQLAlchemyError) -> str:
    # The whole text would show statement and values; the driver's own line is enough.
    origin: Any = getattr(error, "orig", None)
    return str(origin or error).strip().partition("\n")[0]


def _hint(error: SQLAlchemyError) -> str:
    if isinstance(error, IntegrityError):
        return "another engine command was quicker; run the command again"
    reason = _reason(error)
    if "locked" in reason:
        return "another engine command is writing; try again when it is done"
    if "disk" in reason or "full" in reason or "readonly" in reason:
        return "check the free space and the rights of ENGINE_HOME, then run the command again"
    return "check ENGINE_REGISTRY_URL; see: engine config show"

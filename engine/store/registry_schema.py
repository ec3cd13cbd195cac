"""Open the registry and keep its tables up to date: Alembic over a connection handed in.

SQLite by default, PostgreSQL by URL.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from alembic import command, util
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from engine.errors import ConfigError, RegistryError
from engine.resources import migrations_dir
from engine.store import sqlite_files
from engine.version import __version__

# Any constant will do; it only has to be the same in every engine.
_UPGRADE_LOCK = 7_315_502_026
# Alembic's context is a global of the process, whichever database a thread migrates.
_ONE_MIGRATION = threading.Lock()


@dataclass(frozen=True)
class RegistryStatus:
    """Where the registry's tables are (None: nowhere yet) and where they should be."""

    current: str | None
    head: str


def open_registry_engine(url: str) -> Engine:
    """Return an engine whose tables are at the newest migration.

    A process that opens an SQLite file again is given the same engine; ``dispose`` closes its
    idle connections and leaves it usable. ``registry_engine`` does so at the right time.

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
    parsed = parsed_url(url)
    file = sqlite_files.file_of(parsed)
    if file is None:
        return _create(parsed)
    with registry_errors():
        return sqlite_files.shared_engine(file, lambda: _create(parsed))


@contextmanager
def registry_engine(url: str) -> Iterator[Engine]:
    """Lend what ``open_registry_engine`` returns.

    Every opening of one SQLite file in a process is lent the same engine; the last one that ends
    closes its connections.
    """
    with sqlite_files.in_use(open_registry_engine(url)) as engine:
        yield engine


def _create(url: URL) -> Engine:
    try:
        engine = create_engine(
            url,
            pool_pre_ping=url.get_backend_name() != "sqlite",
            # Settings may hold paths and other plain values that print well.
            json_serializer=partial(json.dumps, default=str),
        )
    except (ImportError, NoSuchModuleError) as error:
        raise ConfigError(
            f"no driver is installed for {url.get_backend_name()}",
            hint="pip install 'engine-recsys[postgresql]', or use a sqlite:/// registry",
        ) from error
    if url.get_backend_name() == "sqlite":
        sqlite_files.set_up(engine)
    return engine


def parsed_url(url: str) -> URL:
    """Return the URL with the driver that is used.

    Raises:
        ConfigError: It is malformed.
    """
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


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the tables to ``revision``; two at once wait for each other.

    Raises:
        RegistryError: The database refuses, or is newer than this version.
    """
    with registry_errors(), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        at = current(connection)
        if not knows(at):
            raise newer_registry(at)
        if revision != "head" or at != head():
            with _ONE_MIGRATION:
                command.upgrade(_config(connection), revision)


def read_status(url: str) -> RegistryStatus:
    """Return where the tables are and where they should be; changes nothing.

    Raises:
        ConfigError: The URL is malformed or its driver is not installed.
        RegistryError: The database cannot be opened.
    """
    parsed = parsed_url(url)
    file = sqlite_files.file_of(parsed)
    if file is not None and sqlite_files.is_missing_or_empty(file):
        return RegistryStatus(None, head())
    with (
        sqlite_files.in_use(connect_engine(url)) as engine,
        registry_errors(),
        engine.connect() as connection,
    ):
        return RegistryStatus(current(connection), head())


def downgrade(engine: Engine, revision: str) -> None:
    """Take the tables back to ``revision``; ``base`` drops them all."""
    with registry_errors(), engine.begin() as connection, _ONE_MIGRATION:
        command.downgrade(_config(connection), revision)


def current(connection: Connection) -> str | None:
    """Return the migration the database is at, or None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def _known() -> frozenset[str]:
    scripts = ScriptDirectory.from_config(_config(None)).walk_revisions()
    return frozenset(one.revision for one in scripts)


def knows(revision: str | None) -> bool:
    """Tell whether this version ships a migration; None, of an empty registry, is known."""
    return revision is None or revision in _known()


def newer_registry(revision: str | None) -> RegistryError:
    """Return the error for a registry at a migration that this version does not know."""
    return RegistryError(
        f"the registry is at migration {revision}, which this version ({__version__}) does not "
        f"know: it was made by another version of the engine, this one knows up to {head()}",
        hint="upgrade the engine: pip install --upgrade engine-recsys",
    )


@cache  # it parses every migration there is
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
            f"the registry's file {error.filename} cannot be opened: {error.strerror}",
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
    if "no such table" in reason or "malformed" in reason or "not a database" in reason:
        return "end every engine command, then put the registry back from a backup"
    if "locked" in reason:
        return "another engine command is writing; try again when it is done"
    if "disk" in reason or "full" in reason or "readonly" in reason:
        return "check the free space and the rights of ENGINE_HOME, then run the command again"
    return "check ENGINE_REGISTRY_URL; see: engine config show"

"""SQLite files: one SQLAlchemy engine for each file of a process; nothing else opens the file.

POSIX drops every lock that a process holds on a file as soon as the process closes *any* descriptor
of it. SQLite shares its own descriptors within a process and so is safe from itself; a plain
``open`` and ``close`` of a live database drops SQLite's locks unseen, the next process that closes
the database takes itself for the last one and deletes the write-ahead log, and what this process
commits from then on is lost (https://www.sqlite.org/howtocorrupt.html, section 2.2). Hence here:
the file is created exclusively or not opened at all, modes are set by path, and whoever opens the
same file again is given the engine that has it open.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from engine import private_files
from engine.errors import RegistryError

_BUSY_SECONDS = 30
_AGAIN_SECONDS = 0.01
_BESIDE = ("", "-wal", "-shm", "-journal")
_LOCK = threading.RLock()
_ENGINES: WeakValueDictionary[Path, Engine] = WeakValueDictionary()
_USERS: WeakKeyDictionary[Engine, int] = WeakKeyDictionary()


def file_of(url: URL) -> Path | None:
    """Return the file of an SQLite URL, symbolic links followed; None where it names no file."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    if "uri" in url.query:
        return None  # whoever writes SQLite's own URI chooses how it is opened
    return Path(str(url.database)).resolve()


def make_private(file: Path) -> None:
    """Make a database file with mode 600 before SQLite makes it for everybody.

    SQLite gives its write-ahead log and its other files the mode of the database.

    Raises:
        OSError: It cannot be made.
    """
    private_files.make_folder(file.parent)
    if not private_files.create(file):
        if not file.is_file():
            raise IsADirectoryError(21, "Is not a file", str(file))
        for suffix in _BESIDE:
            private_files.restrict(file.with_name(file.name + suffix))


def is_missing_or_empty(file: Path) -> bool:
    """Tell whether there is no database: no file, or one without a byte and without a log."""
    log = file.with_name(file.name + "-wal")
    return not any(one.exists() and one.stat().st_size for one in (file, log))


def shared_engine(file: Path, create: Callable[[], Engine]) -> Engine:
    """Return the engine that has ``file`` open, or the one that ``create`` makes for it.

    Raises:
        OSError: The file cannot be made.
        RegistryError: The file is gone while somebody uses the engine.
    """
    with _LOCK:
        engine = _ENGINES.get(file)
        if engine is not None and _USERS.get(engine):
            _identity(file)
        elif engine is None or not file.exists():
            make_private(file)
        if engine is None:
            engine = _ENGINES[file] = create()
            _watch(engine, file)
        return engine


@contextmanager
def in_use(engine: Engine) -> Iterator[Engine]:
    """Lend an engine; the last of those who use it at once closes its connections."""
    with _LOCK:
        _USERS[engine] = _USERS.get(engine, 0) + 1
    try:
        yield engine
    finally:
        with _LOCK:
            _USERS[engine] -= 1
            last = not _USERS[engine]
        if last:
            engine.dispose()


def set_up(engine: Engine) -> None:
    """Give an engine of SQLite its journal, its durability and transactions that wait."""

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        # Python's own transaction handling leaves DDL outside transactions; _begin does it.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that turns into a writer can fail at once instead of waiting.
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Set the journal of a database, waiting for another process that is making the same one.

    SQLite does not wait there: a change of the journal that meets a writer fails at once, whatever
    the busy timeout is, since two that wait with a read lock each would wait for ever.
    """
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > until:
                raise
            time.sleep(_AGAIN_SECONDS)
        else:
            return


def _is_busy(error: sqlite3.Error) -> bool:
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY  # its higher bits say of what


def _watch(engine: Engine, file: Path) -> None:
    """Let connections be those of the file that has the name now, and never make a new one."""
    uri = f"{file.as_uri()}?mode=rw"

    @event.listens_for(engine, "do_connect")
    def _never_create(
        _dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]
    ) -> None:
        arguments[0], options["uri"] = uri, True

    @event.listens_for(engine, "connect")
    def _remember(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["identity"] = _identity(file)

    @event.listens_for(engine, "checkout")
    def _still_there(_connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        # A file that was moved away or replaced would be read and written for ever, by nobody else.
        if _identity(file) != record.info["identity"]:
            raise InvalidatePoolError(f"{file} was replaced")


def _identity(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except FileNotFoundError:
        raise RegistryError(
            f"the registry {file} is gone while it is in use",
            hint="restore it from a backup, or stop every engine command and start again",
        ) from None
    return found.st_dev, found.st_ino

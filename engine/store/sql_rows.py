"""Rows of a query to a user's own database: streamed, in a transaction that writes nothing."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    URL,
    ColumnClause,
    Connection,
    CursorResult,
    Engine,
    Select,
    column,
    create_engine,
    literal_column,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from engine.data.address_password import password_of
from engine.data.sql_query import SqlQuery
from engine.errors import ConfigError, FileRefused, QueryFailed, Unreachable, UsageError
from engine.store import sqlite_files

_ROWS = 2_000
_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
_SECRETS = ("user", "password", "passwd", "sslpassword")
_BY_HAND = {
    "sqlite": "PRAGMA query_only = ON",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
}
_EXAMPLE = "postgresql://USER@HOST/DATABASE, or sqlite:///PATH"


@dataclass(frozen=True)
class SqlRows:
    """What a query returns.

    Attributes:
        columns: Names, as the query gives them.
        parts: Some rows at a time, each row a value per column.
    """

    columns: tuple[str, ...]
    parts: Iterator[Sequence[Sequence[Any]]]


def shown_address(address: str) -> str:
    """Return an address without user, password and options, as people may see it.

    Raises:
        ConfigError: It is none.
    """
    url = parsed_address(address)
    bare = URL.create(url.get_backend_name(), None, None, url.host, url.port, url.database)
    return bare.render_as_string()


def database_name(address: str) -> str:
    """Return what reports call a database: its name, of a file that of the file.

    Raises:
        ConfigError: It is no address.
    """
    url = parsed_address(address)
    return re.split(r"[/\\]", url.database or "")[-1] or url.get_backend_name()


def identity(address: str) -> str:
    """Return what is the same for one database, whoever asks it and by which password.

    Raises:
        ConfigError: It is no address.
    """
    url = parsed_address(address)
    options = url.difference_update_query(_SECRETS).query
    return f"{sqlite_files.file_of(url) or shown_address(address)} {sorted(options.items())}"


@contextmanager
def open_rows(query: SqlQuery, since: Any = None) -> Iterator[SqlRows]:
    """Run a query and lend its rows; the database is not kept waiting after the block.

    Args:
        query: Where, and what.
        since: The value from which on its watermark column counts; None: all rows. Rows without a
            value there are always among them.

    Raises:
        ConfigError: The address is malformed, or its driver is not installed.
        FileRefused: There is no such file.
        Unreachable: No server answers, or it refuses the login.
        QueryFailed: The database refuses the query.
        UsageError: The query returns no rows, or has no such column.
    """
    url = parsed_address(query.address)
    shown = shown_address(query.address)
    engine = _engine(url)
    with _connected(engine, shown) as connection, _refusals(shown):
        _let_nothing_be_written(connection)
        result = _run(connection, query, since)
        if not result.returns_rows:
            raise UsageError("the query returns no rows", hint="write one that begins with SELECT")
        names = tuple(result.keys())
        if query.watermark is not None and query.watermark not in names:
            raise UsageError(
                f"--watermark {query.watermark}: the query returns no such column",
                hint=f"it returns {', '.join(names)[:500]}",
            )
        yield SqlRows(names, result.partitions(_ROWS))


def _run(connection: Connection, query: SqlQuery, since: Any) -> CursorResult[Any]:
    # The text is the user's own: % and : in it are no parameters.
    stream = connection.execution_options(stream_results=True)
    asked = query.text.strip().rstrip(";")
    if query.watermark is None:
        return stream.execution_options(no_parameters=True).exec_driver_sql(asked)
    mark: ColumnClause[Any] = column(query.watermark)
    # The line end: the query may end with a comment.
    rows = text(asked.replace(":", r"\:") + "\n").columns(mark).subquery("asked")
    wrapped: Select[Any] = select(literal_column("*")).select_from(rows)
    if since is not None:
        wrapped = wrapped.where(rows.c[mark.name].is_(None) | (rows.c[mark.name] >= since))
    return stream.execute(wrapped.order_by(rows.c[mark.name]))


def parsed_address(address: str) -> URL:
    """Return an address with the driver and the password that are used.

    Raises:
        ConfigError: It is malformed, or names a variable for the password that is not set.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise ConfigError(
            "the database's address is malformed", hint=f"write {_EXAMPLE}"
        ) from error
    password = None if url.password is None else password_of(url.password)
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername), password=password)


def _engine(url: URL) -> Engine:
    file = sqlite_files.file_of(url)
    if file is not None and not file.is_file():
        raise FileRefused(f"{file}: no such file", code="missing-file", hint="check the path")
    try:
        return create_engine(url, poolclass=NullPool)
    except (ImportError, NoSuchModuleError) as error:
        driver = url.drivername.rpartition("+")[2]
        backend = url.get_backend_name()
        needed = "'engine-recsys[postgresql]'" if backend == "postgresql" else driver
        raise ConfigError(
            f"no driver is installed for {backend}", hint=f"pip install {needed}"
        ) from error


def _let_nothing_be_written(connection: Connection) -> None:
    name = connection.dialect.name
    if name == "postgresql":
        connection.execution_options(postgresql_readonly=True)
    elif name in _BY_HAND:
        connection.exec_driver_sql(_BY_HAND[name])


@contextmanager
def _connected(engine: Engine, shown: str) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except SQLAlchemyError as error:
        raise _away(shown, error) from error
    with connection:
        yield connection


@contextmanager
def _refusals(shown: str) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        if getattr(error, "connection_invalidated", False):
            raise _away(shown, error) from error
        raise QueryFailed(
            f"{shown} refused the query: {_reason(error)}",
            hint="try it in the database's own client",
        ) from error


def _away(shown: str, error: SQLAlchemyError) -> Unreachable:
    return Unreachable(
        f"{shown} does not answer: {_reason(error)}",
        hint="check the address, and that the server runs and lets this user in",
    )


def _reason(error: SQLAlchemyError) -> str:
    """Return the first line of the driver's own words: the whole text has values in it."""
    origin: Any = getattr(error, "orig", None)
    return str(origin or error).strip().partition("\n")[0]

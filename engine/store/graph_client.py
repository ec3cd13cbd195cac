"""GraphClient: the driver's life, sessions, retries and error mapping.

Statements come from the catalogue by name; records leave as plain dictionaries.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, TypeVar

import neo4j

from engine import tracing
from engine.store.driver_closing import abandoned_on_interrupt, close_driver
from engine.store.driver_errors import DRIVER_FAILURES, cause_of, translate
from engine.store.statements import ONE_PARAMETER, statement
from engine.store.transient_retries import again_after_transient, mapped

T = TypeVar("T")
Row = dict[str, Any]
Idents = Mapping[str, str] | None

# SEARCH, which the siblings in Cypher 25 use, is generally available since then.
_CYPHER_25_SINCE = (2026, 2)
_ROWS = "db.response.returned_rows"


@dataclass(frozen=True)
class Neo4jTarget:
    """Where a Neo4j server is, how to log in, and the word of the home that loads into it."""

    uri: str
    user: str = "neo4j"
    password: str = field(default="", repr=False)
    database: str = "neo4j"
    home: str = ""


@dataclass(frozen=True)
class ClientLimits:
    """How many seconds the caller of a client waits; the defaults are those of a batch job.

    Attributes:
        connect: For a connection to be made.
        acquire: For one of the pool to be free, a new one made included.
        retry: During which a transaction is tried again after a transient error.
        query: After which the server ends a transaction; None leaves that to the server's settings.
        write: The same for one that writes; None: as ``query``.
        connections: How many the pool holds at most.
    """

    connect: float = 10.0
    acquire: float = 30.0
    retry: float = 30.0
    query: float | None = None
    write: float | None = None
    connections: int = 100


@dataclass(frozen=True)
class ServerInfo:
    """What the server reports about itself at connect.

    Attributes:
        version: Such as ``2026.08.1`` or ``5.26.0``.
        edition: ``community`` or ``enterprise``.
        gds: Version of the Graph Data Science plugin, or None.
        cypher25: Whether ``CYPHER 25`` with ``SEARCH`` is understood.
    """

    version: str
    edition: str
    gds: str | None
    cypher25: bool


class Transaction:
    """A write transaction that knows statements by name."""

    def __init__(self, raw: neo4j.ManagedTransaction, cypher25: bool) -> None:
        self._raw = raw
        self._cypher25 = cypher25

    def run(self, name: str, idents: Idents = None, **params: Any) -> list[Row]:
        """Run one statement and return its rows."""
        query = statement(name, cypher25=self._cypher25).query(idents)
        return _traced(name, lambda: [_row(record) for record in self._raw.run(query.text, params)])


class GraphClient:
    """A connection pool to one database; thread-safe, not to be shared across processes.

    Args:
        target: Server and credentials.
        limits: How long to wait for what, and how many connections to hold.

    Attributes:
        pinned: The generation that it takes for the one in service; None: the one that is.

    Raises:
        Unreachable: No server answers, or it refuses the credentials.
    """

    pinned: int | None = None

    def __init__(self, target: Neo4jTarget, *, limits: ClientLimits | None = None) -> None:
        self.target = target
        self._limits = limits = limits or ClientLimits()
        self._driver = neo4j.GraphDatabase.driver(
            target.uri,
            auth=(target.user, target.password),
            connection_acquisition_timeout=limits.acquire,
            connection_timeout=limits.connect,
            max_connection_pool_size=limits.connections,
            max_transaction_retry_time=limits.retry,
            # Two writers that want each other's items: one of them need not wait a second.
            initial_retry_delay=0.05,
            notifications_min_severity="OFF",
            user_agent="engine-recsys",
        )
        # One server sees what it wrote. Of several, a secondary may lag behind what this client
        # wrote on the leader: bookmarks make it wait.
        routed = target.uri.startswith("neo4j")
        self._bookmarks = neo4j.GraphDatabase.bookmark_manager() if routed else None
        try:
            self.server = self._ask_server()
        except BaseException:
            self._driver.close()
            raise

    def __enter__(self) -> "GraphClient":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection; who waits on one gets ``Unreachable``."""
        close_driver(self._driver)

    def read(
        self, name: str, idents: Idents = None, *, timeout: float | None = None, **params: Any
    ) -> list[Row]:
        """Run a read statement, retried on transient errors, and return its rows."""
        one = statement(name, cypher25=self._cypher25, idents=idents)
        return _traced(name, lambda: self._read(one.query(idents), params, timeout))

    def _read(
        self, query: neo4j.Query, params: Mapping[str, Any], timeout: float | None
    ) -> list[Row]:
        """Read in auto-commit; after a transient error as the driver tries a transaction again.

        A transaction of its own is begun and committed by messages of its own, which on a loaded
        server is a quarter of the time of a list.
        """
        seconds = self._limits.query if timeout is None else timeout
        timed = neo4j.Query(query.text, timeout=seconds)

        @neo4j.unit_of_work(timeout=seconds)
        def work(tx: neo4j.ManagedTransaction) -> list[Row]:
            return [_row(record) for record in tx.run(query.text, dict(params))]

        with self._session(neo4j.READ_ACCESS) as session:
            try:
                return [_row(record) for record in session.run(timed, dict(params))]
            except DRIVER_FAILURES as error:
                cause = cause_of(error)
                if not cause.is_retryable():
                    raise translate(cause) from error
            return mapped(lambda: session.execute_read(work))

    def ask(
        self,
        name: str,
        idents: Idents = None,
        *,
        timeout: float | None = None,
        **given: Any,
    ) -> list[Row]:
        """Run a read statement of the catalogue with defaults filled in and values checked.

        The server makes one plan of it, whatever the types and lengths of the values.

        Raises:
            UsageError: A value is missing, unknown or out of the range its header names.
        """
        one = statement(name, cypher25=self._cypher25, idents=idents)
        values = {ONE_PARAMETER: one.arguments(given)}
        query = one.one_parameter_query(idents)
        return _traced(name, lambda: self._read(query, values, timeout))

    def stream(
        self, name: str, idents: Idents = None, *, fetch_size: int = 2000, **params: Any
    ) -> Generator[Row, None, None]:
        """Yield the rows of a read statement one by one; memory holds ``fetch_size`` of them."""
        query = statement(name, cypher25=self._cypher25).query(idents)
        with (
            tracing.statement_span(name) as span,
            self._session(neo4j.READ_ACCESS, fetch_size=fetch_size) as session,
        ):
            read = 0
            try:
                for read, record in enumerate(session.run(query, params), 1):  # noqa: B007
                    yield _row(record)
                span.set(_ROWS, read)
            except DRIVER_FAILURES as error:
                raise translate(error) from error

    def write(self, name: str, idents: Idents = None, **params: Any) -> list[Row]:
        """Run a write statement in a transaction of its own, retried on transient errors."""
        return self.transact(lambda tx: tx.run(name, idents, **params))

    def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run ``work`` in one write transaction; it may run several times, so no side effects.

        Raises:
            CommitUnknown: The commit's answer was lost. Read your marker before redoing.
            TransientFailure: Tried again for ``ClientLimits.retry`` seconds, it failed each time.
            QueryFailed: The server refused a statement for good.
            Unreachable: The server went away.
        """
        limits = self._limits

        @neo4j.unit_of_work(timeout=limits.query if limits.write is None else limits.write)
        def whole(raw: neo4j.ManagedTransaction) -> T:
            return work(Transaction(raw, self._cypher25))

        with self._session(neo4j.WRITE_ACCESS) as session:
            return mapped(lambda: session.execute_write(whole))

    def schema(self, name: str, idents: Idents = None, **params: Any) -> list[Row]:
        """Run a schema statement (index, constraint, ``IN TRANSACTIONS``) in auto-commit.

        Run twice it does what it does once, so it is tried again after a transient error.
        """
        query = statement(name, cypher25=self._cypher25, idents=idents).query(idents)
        with self._session(neo4j.WRITE_ACCESS) as session:

            def run() -> list[Row]:
                return mapped(lambda: [_row(record) for record in session.run(query, params)])

            return _traced(name, lambda: again_after_transient(run))

    def run_text(self, text: str) -> None:
        """Run a migration's statement, as ``schema``: a file of ours, but not of the catalogue."""
        with self._session(neo4j.WRITE_ACCESS) as session:
            again_after_transient(lambda: mapped(lambda: session.run(text).consume()))

    @property
    def _cypher25(self) -> bool:
        return self.server.cypher25

    def _session(self, mode: str, fetch_size: int = 1000) -> AbstractContextManager[neo4j.Session]:
        opened = self._driver.session(
            database=self.target.database,
            default_access_mode=mode,
            fetch_size=fetch_size,
            bookmark_manager=self._bookmarks,
        )
        return abandoned_on_interrupt(opened)

    def _ask_server(self) -> ServerInfo:
        def ask(name: str) -> list[Row]:
            with self._session(neo4j.READ_ACCESS) as session:
                return mapped(lambda: session.run(statement(name, cypher25=False).query()).data())

        kernel = ask("server/components")[0]
        gds = ask("server/procedures_of_gds")
        version = str(kernel["version"])
        numbers = tuple(int(part) for part in version.split("-", maxsplit=1)[0].split(".")[:2])
        return ServerInfo(
            version=version,
            edition=str(kernel["edition"]),
            gds=self._gds_version() if gds[0]["procedures"] else None,
            cypher25=numbers >= _CYPHER_25_SINCE,
        )

    def _gds_version(self) -> str:
        with self._session(neo4j.READ_ACCESS) as session:
            query = statement("server/gds_version", cypher25=False).query()
            return str(mapped(lambda: session.run(query).data())[0]["version"])


def _traced(name: str, run: Callable[[], list[Row]]) -> list[Row]:
    with tracing.statement_span(name) as span:
        rows = run()
        span.set(_ROWS, len(rows))
        return rows


def _row(record: neo4j.Record) -> Row:
    """Return a record as it is: the driver's ``data()`` walks every list in Python."""
    return dict(zip(record.keys(), record.values(), strict=True))

"""The client against a real server: rows, errors a person can act on, one transaction's promise."""

import socket
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from engine.errors import QueryFailed, StoreError, Unreachable
from engine.store.graph_client import GraphClient, Neo4jTarget, Transaction


def test_it_knows_the_server(graph: GraphClient) -> None:
    assert graph.server.version[0].isdigit()
    assert graph.server.edition in {"community", "enterprise"}
    assert graph.server.cypher25 == (int(graph.server.version.split(".")[0]) >= 2025)


@pytest.mark.gds
def test_it_finds_the_plugin(graph: GraphClient) -> None:
    assert graph.server.gds is not None
    assert graph.server.gds[0].isdigit()


def test_a_wrong_password_names_the_variable(neo4j_target: Neo4jTarget) -> None:
    wrong = Neo4jTarget(neo4j_target.uri, "neo4j", "not-the-password", "neo4j")
    with pytest.raises(Unreachable) as caught:
        GraphClient(wrong)
    assert "ENGINE_NEO4J_PASSWORD" in caught.value.hint
    assert "not-the-password" not in str(caught.value)


def test_no_server_is_a_clear_error(unused_port: int) -> None:
    with pytest.raises(Unreachable) as caught:
        GraphClient(Neo4jTarget(f"bolt://127.0.0.1:{unused_port}"))
    assert "ENGINE_NEO4J_URI" in caught.value.hint


def test_a_missing_parameter_is_not_retried(graph: GraphClient) -> None:
    with pytest.raises(QueryFailed):
        graph.read("browse/users_after")


def test_a_failure_undoes_the_whole_transaction(graph: GraphClient) -> None:
    def half(tx: Transaction) -> None:
        tx.run("ingest/merge_users", ids=["half-done"])
        raise StoreError("stop here")

    with pytest.raises(StoreError, match="stop here"):
        graph.transact(half)

    assert graph.read("status/counts")[0]["users"] == 0


@pytest.fixture
def _threads_switch_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_threads_switch_often")
def test_a_failed_transaction_leaves_other_threads_their_connections(graph: GraphClient) -> None:
    """Driver 6.4 reads from a connection after giving it back: others lose a byte, and hang."""

    def fail(_: int) -> None:
        with pytest.raises(QueryFailed):
            graph.write("browse/users_after")

    def count(_: int) -> int:
        users: int = graph.read("status/counts")[0]["users"]
        return users

    with ThreadPoolExecutor(8) as failing, ThreadPoolExecutor(8) as reading:
        failed = failing.map(fail, range(600))
        assert list(reading.map(count, range(600))) == [0] * 600
        list(failed)


class _Relay:
    """Passes bytes to a server and back, until the connections that it has are cut."""

    def __init__(self, to: tuple[str, int]) -> None:
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.port = self._listener.getsockname()[1]
        self.accepted = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        """Break every connection there is; new ones are accepted."""
        while self._open:
            one = self._open.pop()
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _serve(self) -> None:
        while True:
            try:
                ours, _ = self._listener.accept()
            except OSError:
                return
            theirs = socket.create_connection(self._to)
            self._open += [ours, theirs]
            self.accepted += 1
            for source, sink in ((ours, theirs), (theirs, ours)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    @staticmethod
    def _pass(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)


def test_a_read_is_asked_again_where_its_connection_broke(
    graph: GraphClient, neo4j_target: Neo4jTarget
) -> None:
    graph.write("ingest/merge_users", ids=["ann"])
    address = urlsplit(neo4j_target.uri)
    relay = _Relay((address.hostname or "", address.port or 7687))
    try:
        with GraphClient(replace(neo4j_target, uri=f"bolt://127.0.0.1:{relay.port}")) as through:
            assert through.read("status/counts")[0]["users"] == 1
            before = relay.accepted
            relay.cut()
            assert through.read("status/counts")[0]["users"] == 1
            assert relay.accepted > before
            relay.cut()
            assert through.ask("browse/users", prefix="", limit=5)[0]["id"] == "ann"
    finally:
        relay.close()

"""The client against a real server: rows, errors a person can act on, one transaction's promise."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from engine.errors import QueryFailed, StoreError, Unreachable
from engine.store.graph_client import ClientLimits, GraphClient, Neo4jTarget, Transaction
from tests.integration.tcp_proxy import TcpProxy


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


def test_a_read_is_asked_again_where_its_connection_broke(
    graph: GraphClient, tcp_proxy: TcpProxy, neo4j_target: Neo4jTarget
) -> None:
    graph.write("ingest/merge_users", ids=["ann"])
    with GraphClient(replace(neo4j_target, uri=tcp_proxy.uri)) as through:
        assert through.read("status/counts")[0]["users"] == 1
        before = tcp_proxy.accepted
        tcp_proxy.cut()
        assert through.read("status/counts")[0]["users"] == 1
        assert tcp_proxy.accepted > before
        tcp_proxy.cut()
        assert through.ask("browse/users", prefix="", limit=5)[0]["id"] == "ann"


@pytest.mark.usefixtures("graph")
def test_closing_wakes_whoever_waits_for_a_server_that_hangs(
    tcp_proxy: TcpProxy, neo4j_target: Neo4jTarget, until: Callable[..., None]
) -> None:
    """Half of them wait for an answer, half are sending more than a frozen server takes."""
    at_once, begun = threading.Barrier(8, timeout=60), threading.Barrier(9, timeout=60)
    frozen = threading.Event()
    limits = ClientLimits(connect=2.0, acquire=2.0, retry=0.5)
    through = GraphClient(replace(neo4j_target, uri=tcp_proxy.uri), limits=limits)

    ended: list[BaseException] = []

    def ask(number: int) -> None:
        through.transact(lambda tx: (tx.run("status/counts"), at_once.wait()))
        begun.wait()
        frozen.wait()
        padding = ["x" * 1_000] * (number % 2 * 20_000)
        try:
            through.read("status/counts", padding=padding)
        except BaseException as error:
            ended.append(error)

    for number in range(8):
        threading.Thread(target=ask, args=(number,), daemon=True).start()
    begun.wait()
    tcp_proxy.freeze()
    frozen.set()
    until(lambda: tcp_proxy.unanswered >= 8)
    through.close()
    until(lambda: len(ended) == 8)
    assert {type(one) for one in ended} == {Unreachable}, ended


@pytest.mark.usefixtures("graph")
@pytest.mark.parametrize(
    ("ask", "name", "words"),
    [
        ("read", "status/counts", b"RETURN"),
        ("write", "pull/watermark", b"SET watermark"),
        ("schema", "schema/create_lock_constraint", b"CONSTRAINT"),
    ],
)
def test_ctrl_c_waits_for_no_answer(
    ask: str, name: str, words: bytes, tcp_proxy: TcpProxy, neo4j_target: Neo4jTarget
) -> None:
    def press_ctrl_c() -> None:
        tcp_proxy.wait_until_frozen()
        os.kill(os.getpid(), signal.SIGINT)

    with GraphClient(replace(neo4j_target, uri=tcp_proxy.uri)) as through:
        tcp_proxy.freeze_at(words)
        threading.Thread(target=press_ctrl_c, daemon=True).start()
        with pytest.raises(KeyboardInterrupt):
            getattr(through, ask)(name)

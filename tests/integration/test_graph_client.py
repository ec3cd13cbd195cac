"""The client against a real server: rows, errors a person can act on, one transaction's promise."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

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
        graph.read("recommend/users_after")


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
            graph.write("recommend/users_after")

    def count(_: int) -> int:
        users: int = graph.read("status/counts")[0]["users"]
        return users

    with ThreadPoolExecutor(8) as failing, ThreadPoolExecutor(8) as reading:
        failed = failing.map(fail, range(600))
        assert list(reading.map(count, range(600))) == [0] * 600
        list(failed)

"""The client against a real server: rows, errors a person can act on, one transaction's promise."""

import pytest

from engine.errors import QueryFailed, StoreError, Unreachable
from engine.store.graph_client import GraphClient, Neo4jTarget, Transaction


def test_it_knows_the_server(graph: GraphClient) -> None:
    assert graph.server.version[0].isdigit()
    assert graph.server.edition in {"community", "enterprise"}
    assert graph.server.cypher25
    assert graph.server.gds is not None


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

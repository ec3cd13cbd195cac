"""What leaves the database is what is in it: pulled, and in the plugin's memory."""

import neo4j
import numpy as np
import pytest

from engine.data.adjacency import Graph
from engine.errors import UsageError
from engine.graph.pulling import projection
from engine.graph.pulling.edge_pages import EVENTS, Triple
from engine.store.graph_client import GraphClient

_SOME = """
CREATE (u:User {id: '1'}), (v:User {id: '2'}), (:User {id: '3'})
CREATE (i:Item {id: '1'}), (j:Item {id: '2'})
CREATE (b:Entity:Brand {id: '1', key: 'Brand:1'}), (c:Entity:City {id: '1', key: 'City:1'})
CREATE (u)-[:INTERACTED {weight: 2.0, at: 20}]->(i), (u)-[:INTERACTED {weight: 1.0, at: 10}]->(i),
       (v)-[:INTERACTED {at: 5}]->(j), (u)-[:FRIEND]->(v),
       (i)-[:MADE_BY]->(b), (j)-[:MADE_BY]->(b), (u)-[:LIVES_IN]->(c), (c)-[:MADE_BY]->(b)
"""
_GRAPHS = "CALL gds.graph.list() YIELD graphName RETURN collect(graphName) AS names"


@pytest.fixture
def some(graph: GraphClient, bare_driver: neo4j.Driver) -> GraphClient:
    """A small graph of all kinds."""
    with bare_driver.session() as session:
        session.run(_SOME).consume()
    return graph


def _named(graph: Graph) -> list[tuple[str, str]]:
    source = np.repeat(np.arange(len(graph)), graph.degree)
    return [
        (":".join(graph.name(one)), ":".join(graph.name(two)))
        for one, two in zip(source.tolist(), graph.indices.tolist(), strict=True)
    ]


def test_events_are_pulled_both_ways_with_weights_and_times(some: GraphClient) -> None:
    graph = projection.pull_graph(some, weight="weight", times=True)
    assert _named(graph) == [
        ("User:1", "Item:1"), ("User:1", "Item:1"), ("User:2", "Item:2"),
        ("Item:1", "User:1"), ("Item:1", "User:1"), ("Item:2", "User:2"),
    ]  # fmt: skip
    assert graph.weights is not None
    assert graph.at is not None
    assert graph.weights.tolist() == [1, 2, 1, 1, 2, 1]
    assert graph.at.tolist() == [10, 20, 5, 10, 20, 5]
    assert len(graph) == 5


def test_several_kinds_of_edges_share_their_nodes(some: GraphClient) -> None:
    kinds = [EVENTS, Triple("User", "FRIEND", "User"), Triple("Item", "MADE_BY", "Brand")]
    graph = projection.pull_graph(some, kinds, undirected=False, merge=True)
    assert _named(graph) == [
        ("User:1", "User:2"), ("User:1", "Item:1"), ("User:2", "Item:2"),
        ("Item:1", "Brand:1"), ("Item:2", "Brand:1"),
    ]  # fmt: skip
    assert list(graph.nodes) == ["User", "Item", "Brand"]


def test_entities_of_any_type_go_by_their_key(some: GraphClient) -> None:
    graph = projection.pull_graph(some, [Triple("Entity", "MADE_BY", "Entity")], undirected=False)
    assert _named(graph) == [("Entity:City:1", "Entity:Brand:1")]


@pytest.mark.gds
def test_the_plugin_holds_the_same_graph_and_frees_it(
    some: GraphClient, bare_driver: neo4j.Driver
) -> None:
    def held() -> list[str]:
        with bare_driver.session() as session:
            names: list[str] = session.run(_GRAPHS).single(strict=True)["names"]
            return names

    kinds = [EVENTS, Triple("User", "FRIEND", "User")]
    pulled = projection.pull_graph(some, kinds)
    with projection.in_gds(some, kinds) as projected:
        assert (projected.n_nodes, projected.n_edges) == (len(pulled), pulled.n_edges)
        assert held() == [projected.name]
    with pytest.raises(KeyboardInterrupt), projection.in_gds(some, kinds):
        raise KeyboardInterrupt
    assert held() == []


@pytest.mark.gds
def test_a_type_between_other_labels_too_is_not_for_the_plugin(some: GraphClient) -> None:
    kinds = [Triple("Item", "MADE_BY", "Brand")]
    assert not projection.fits_gds(some, kinds)
    with pytest.raises(UsageError, match="joins other labels"), projection.in_gds(some, kinds):
        pass
    assert projection.fits_gds(some, [EVENTS])


def test_a_loop_is_not_for_the_plugin(some: GraphClient, bare_driver: neo4j.Driver) -> None:
    kinds = [Triple("User", "FRIEND", "User")]
    assert projection.fits_gds(some, kinds)
    with bare_driver.session() as session:
        session.run("MATCH (u:User {id: '3'}) CREATE (u)-[:FRIEND]->(u)").consume()
    assert not projection.fits_gds(some, kinds)


@pytest.mark.parametrize(
    ("kind", "weight", "message"),
    [
        (Triple("Usr"), None, "parameter head: the graph has no label 'Usr'"),
        (Triple(tail="x`) //"), None, "parameter tail"),
        (
            Triple(relation="NO_SUCH"),
            None,
            "parameter relation: the graph has no relation 'NO_SUCH'",
        ),
        (EVENTS, "no_such", "parameter weight: the graph has no property 'no_such'"),
    ],
)
def test_what_the_graph_does_not_have_is_refused_by_name(
    some: GraphClient, kind: Triple, weight: str | None, message: str
) -> None:
    with pytest.raises(UsageError) as refused:
        projection.pull_graph(some, [kind], weight=weight)
    assert message in refused.value.message
    assert refused.value.hint.startswith("it has: ")


def test_text_is_no_weight(some: GraphClient, bare_driver: neo4j.Driver) -> None:
    with bare_driver.session() as session:
        session.run("MATCH ()-[r:INTERACTED]->() SET r.basket = 'a'").consume()
    with pytest.raises(UsageError, match="parameter weight: property 'basket' holds no numbers"):
        projection.pull_graph(some, weight="basket")

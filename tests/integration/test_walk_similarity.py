"""Co-occurrence on walks is a row of the powers of the transition matrix."""

import neo4j
import networkx as nx
import numpy as np
import pytest

from engine.errors import NotFound, UsageError
from engine.graph import walk_similarity
from engine.graph.pulling import projection
from engine.graph.pulling.edge_pages import Triple
from engine.store.graph_client import GraphClient

_FRIENDS = """
UNWIND range(0, 24) AS n CREATE (:User {id: 'u' + n})
WITH count(*) AS all
UNWIND $edges AS e
MATCH (a:User {id: 'u' + e[0]}), (b:User {id: 'u' + e[1]})
CREATE (a)-[:FRIEND]->(b)
"""
FRIENDS = Triple("User", "FRIEND", "User")


@pytest.fixture
def people(graph: GraphClient, bare_driver: neo4j.Driver, rng: np.random.Generator) -> nx.Graph:
    """Friends at random, some said twice, some with none."""
    edges = [e for e in rng.integers(20, size=(40, 2)).tolist() if e[0] != e[1]]
    with bare_driver.session() as session:
        session.run(_FRIENDS, edges=edges + edges[:5]).consume()
    known = nx.Graph()
    known.add_nodes_from(f"u{n}" for n in range(25))
    known.add_edges_from((f"u{a}", f"u{b}") for a, b in edges)
    return known


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_both_paths_are_powers_of_the_transition_matrix(
    graph: GraphClient, people: nx.Graph, steps: int
) -> None:
    names = sorted(people)
    adjacency = nx.to_numpy_array(people, nodelist=names)
    chances = adjacency / np.maximum(adjacency.sum(axis=1, keepdims=True), 1.0)
    powers = sum(np.linalg.matrix_power(chances, step) for step in range(1, steps + 1))
    pulled = projection.pull_graph(graph, [FRIENDS], merge=True)
    for one in ("u0", "u11"):
        row = dict(zip(names, powers[names.index(one)].tolist(), strict=True))
        assert sum(chance > 0 for chance in row.values()) > steps
        visits = walk_similarity.visits_pulled(pulled, "User", one, steps)
        np.testing.assert_allclose(visits, [row[id_] for id_ in pulled.nodes["User"].ids])
        found = walk_similarity.most_visited(
            graph, one, steps=steps, k=100, label="User", relation="FRIEND"
        )
        expected = {id_: chance for id_, chance in row.items() if id_ != one and chance > 0}
        assert {node.id: node.visits for node in found} == pytest.approx(expected)


def test_a_walk_ends_at_a_hub(graph: GraphClient, people: nx.Graph) -> None:
    one = max(people, key=people.degree)
    given = {"label": "User", "relation": "FRIEND"}
    assert walk_similarity.most_visited(graph, one, max_degree=1, **given) == []  # type: ignore[arg-type]


def test_bad_parameters_are_named(graph: GraphClient, people: nx.Graph) -> None:
    for given in ({"steps": 0}, {"steps": 5}, {"k": 0}, {"max_degree": "all"}):
        with pytest.raises(UsageError, match=f"parameter {next(iter(given))}"):
            walk_similarity.most_visited(
                graph,
                "u0",
                label="User",
                relation="FRIEND",
                **given,  # type: ignore[arg-type]
            )
    with pytest.raises(NotFound, match="parameter one: there is no User 'x'"):
        walk_similarity.most_visited(graph, "x", label="User", relation="FRIEND")
    pulled = projection.pull_graph(graph, [FRIENDS], merge=True)
    with pytest.raises(UsageError, match="parameter steps"):
        walk_similarity.visits_pulled(pulled, "User", "u0", 0)
    with pytest.raises(NotFound, match="parameter one"):
        walk_similarity.visits_pulled(pulled, "User", "x", 1)

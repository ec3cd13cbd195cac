"""Similarity is that of NetworkX: two nodes, one node, and all nodes in three ways."""

from itertools import combinations

import neo4j
import networkx as nx
import numpy as np
import pytest

from engine.errors import NotFound, UsageError
from engine.graph import similarity
from engine.graph.pulling import edge_pages, projection
from engine.graph.pulling.edge_pages import Triple
from engine.graph.similarity import MEASURES, SimilarPairs
from engine.store.graph_client import GraphClient

_FRIENDS = """
UNWIND range(0, 29) AS n CREATE (:User {id: 'u' + n})
WITH count(*) AS all
UNWIND $edges AS e
MATCH (a:User {id: 'u' + e[0]}), (b:User {id: 'u' + e[1]})
CREATE (a)-[:FRIEND]->(b)
"""
_EVENTS = """
UNWIND range(0, 29) AS n CREATE (:Item {id: 'i' + n})
WITH count(*) AS all
UNWIND $edges AS e
MATCH (a:User {id: 'u' + e[0]}), (b:Item {id: 'i' + e[1]})
CREATE (a)-[:INTERACTED {weight: 2.0}]->(b)
"""
FRIENDS = Triple("User", "FRIEND", "User")


@pytest.fixture
def people(graph: GraphClient, bare_driver: neo4j.Driver, rng: np.random.Generator) -> nx.Graph:
    """Thirty users: friends at random, some of them said twice, both ways round."""
    edges = [e for e in rng.integers(30, size=(90, 2)).tolist() if e[0] != e[1]]
    edges += [[b, a] for a, b in edges[:20]] + edges[:5]
    with bare_driver.session() as session:
        session.run(_FRIENDS, edges=edges).consume()
    known = nx.Graph()
    known.add_nodes_from(f"u{n}" for n in range(30))
    known.add_edges_from((f"u{a}", f"u{b}") for a, b in edges)
    return known


@pytest.fixture
def shop(people: nx.Graph, bare_driver: neo4j.Driver, rng: np.random.Generator) -> nx.Graph:
    """The same users, who also buy."""
    edges = rng.integers(30, size=(150, 2)).tolist()
    with bare_driver.session() as session:
        session.run(_EVENTS, edges=edges).consume()
    known = nx.Graph()
    known.add_nodes_from(f"i{n}" for n in range(30))
    known.add_edges_from((f"u{a}", f"i{b}") for a, b in edges)
    return known


def _expected(known: nx.Graph, measure: str, one: str, other: str) -> float:
    if measure == "common_neighbours":
        return float(len(list(nx.common_neighbors(known, one, other))))
    if measure == "cosine":
        common = len(list(nx.common_neighbors(known, one, other)))
        return float(common / np.sqrt(known.degree(one) * known.degree(other) or 1))
    named = {"jaccard": nx.jaccard_coefficient, "adamic_adar": nx.adamic_adar_index}
    return float(next(iter(named[measure](known, [(one, other)])))[2])


def _scores(known: nx.Graph, measure: str, one: str, letter: str) -> dict[str, float]:
    """Return every other node of the same letter with a score above 0."""
    others = (node for node in known if node != one and node.startswith(letter))
    scores = {other: _expected(known, measure, one, other) for other in others}
    return {other: score for other, score in scores.items() if score > 0}


def test_two_nodes_are_compared_as_networkx_does(graph: GraphClient, people: nx.Graph) -> None:
    for one, other in list(combinations(people, 2))[::7]:
        alike = similarity.compare(graph, one, other, label="User", relation="FRIEND")
        got = (alike.common, alike.jaccard, alike.cosine, alike.adamic_adar)
        assert got == pytest.approx([_expected(people, name, one, other) for name in MEASURES])
        assert alike.neighbours_of_one == people.degree(one)


@pytest.mark.parametrize("measure", MEASURES)
def test_the_nodes_most_like_one_are_those_of_networkx(
    graph: GraphClient, shop: nx.Graph, measure: str
) -> None:
    for one in ("i0", "i7"):
        found = similarity.most_similar(graph, one, measure, k=1_000, max_degree=10_000)
        expected = _scores(shop, measure, one, "i")
        assert len(expected) > 3
        assert {node.id: node.score for node in found} == pytest.approx(expected)
        assert found == sorted(found, key=lambda node: (-node.score, node.id))
        best = similarity.most_similar(graph, one, measure, k=3, max_degree=10_000)
        assert best == found[:3]


def _by_pair(pairs: SimilarPairs) -> dict[tuple[str, str], float]:
    ids = pairs.ids.ids
    columns = (pairs.one.tolist(), pairs.other.tolist(), pairs.score.tolist())
    return {(ids[a], ids[b]): score for a, b, score in zip(*columns, strict=True)}


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("label", ["User", "Item"])
def test_all_nodes_at_once_are_those_of_networkx(
    graph: GraphClient, shop: nx.Graph, measure: str, label: str
) -> None:
    letter = label[0].lower()
    expected = {
        (one, other): score
        for one in shop
        if one.startswith(letter)
        for other, score in _scores(shop, measure, one, letter).items()
    }
    pairs = similarity.of_all(graph, measure, k=1_000, label=label, gds=False)
    assert _by_pair(pairs) == pytest.approx(expected)


@pytest.mark.gds
@pytest.mark.parametrize("measure", ["jaccard", "cosine"])
@pytest.mark.parametrize(("label", "triple"), [("Item", edge_pages.EVENTS), ("User", FRIENDS)])
def test_the_plugin_and_the_pulled_graph_agree(
    graph: GraphClient, shop: nx.Graph, measure: str, label: str, triple: Triple
) -> None:
    both = [
        similarity.of_all(graph, measure, k=5, label=label, triple=triple, gds=gds)
        for gds in (True, False)
    ]
    # Which of several equal ones comes fifth is up to each.
    np.testing.assert_array_equal(both[0].one, both[1].one)
    np.testing.assert_allclose(both[0].score, both[1].score, rtol=1e-9)
    assert len(both[0].one) > 100


def test_nodes_two_steps_away_are_those_of_networkx(graph: GraphClient, people: nx.Graph) -> None:
    def ring(node: str) -> set[str]:
        steps = nx.single_source_shortest_path_length(people, node, cutoff=2)
        return {other for other, far in steps.items() if far == 2}

    slots = {"label": "User", "relation": "FRIEND"}
    for one, other in list(combinations(people, 2))[::29]:
        row = graph.ask("similarity/common_at_2_hops", slots, one=one, other=other)[0]
        a, b = ring(one), ring(other)
        assert (row["around_one"], row["around_other"]) == (len(a), len(b))
        assert row["common"] == len(a & b)
        assert row["jaccard"] == pytest.approx(len(a & b) / max(len(a | b), 1))


def test_an_edge_is_told_with_its_count(graph: GraphClient, shop: nx.Graph) -> None:
    one, other = sorted(next(iter(shop.edges)), reverse=True)
    assert one.startswith("u")
    far = next(f"i{n}" for n in range(30) if not shop.has_edge(one, f"i{n}"))
    there = graph.ask("similarity/edge", one=one, other=other)[0]
    assert there["similarity"] == 1.0
    assert there["weight"] == 2.0 * there["edges"]
    away = graph.ask("similarity/edge", one=one, other=far)[0]
    assert (away["similarity"], away["edges"], away["weight"]) == (0.0, 0, 0.0)


def test_a_hub_is_not_crossed(graph: GraphClient, bare_driver: neo4j.Driver) -> None:
    with bare_driver.session() as session:
        session.run(
            "CREATE (h:User {id: 'hub'}), (f:User {id: 'few'}) "
            "WITH h, f UNWIND range(0, 19) AS n CREATE (i:Item {id: 'i' + n})<-[:INTERACTED]-(h) "
            "WITH f, i, n WHERE n < 2 CREATE (f)-[:INTERACTED]->(i)"
        ).consume()
    for measure, score in (
        ("common_neighbours", 1.0), ("jaccard", 1.0), ("cosine", 1.0),
        ("adamic_adar", 1 / np.log(2)),
    ):  # fmt: skip
        found = similarity.most_similar(graph, "i0", measure, max_degree=19)
        assert [(node.id, node.score) for node in found] == [("i1", pytest.approx(score))]
    pulled = projection.pull_graph(graph, merge=True)
    pairs = similarity.of_all_pulled(pulled, "Item", max_degree=19)
    assert _by_pair(pairs) == {("i0", "i1"): 1.0, ("i1", "i0"): 1.0}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"measure": "pearson"}, "parameter measure"),
        ({"k": 0}, "parameter k"),
        ({"k": -1}, "parameter k"),
        ({"k": "ten"}, "parameter k"),
        ({"max_degree": 0}, "parameter max_degree"),
        ({"label": "Itm"}, "parameter label"),
        ({"relation": "NO_SUCH"}, "parameter relation"),
    ],
)
def test_bad_parameters_are_named(
    graph: GraphClient, shop: nx.Graph, given: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        similarity.most_similar(graph, "i0", **given)  # type: ignore[arg-type]
    if "max_degree" not in given and "relation" not in given:
        with pytest.raises(UsageError, match=message):
            similarity.of_all(graph, **given)  # type: ignore[arg-type]


def test_an_unknown_node_is_not_nothing(graph: GraphClient, shop: nx.Graph) -> None:
    with pytest.raises(NotFound, match="no Item 'nobody'"):
        similarity.most_similar(graph, "nobody")
    with pytest.raises(NotFound, match="no Item 'nobody'"):
        similarity.compare(graph, "i0", "nobody")

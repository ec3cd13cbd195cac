"""PageRank by the plugin, by the pulled graph and by plain Cypher is that of NetworkX."""

import json

import neo4j
import networkx as nx
import numpy as np
import pytest

from engine.errors import NotFound, UsageError
from engine.graph import pagerank
from engine.graph.power_iteration import PageRankOptions, PageRankScores
from engine.graph.pulling.edge_pages import EVENTS, Triple
from engine.store.graph_client import GraphClient, Neo4jTarget

from .terminal import invoked

_LOAD = """
UNWIND range(0, 19) AS n CREATE (:User {id: 'u' + n}), (:Item {id: 'i' + n})
WITH count(*) AS all
CALL () {
  UNWIND $events AS e
  MATCH (u:User {id: 'u' + e[0]}), (i:Item {id: 'i' + e[1]})
  CREATE (u)-[:INTERACTED {weight: toFloat(e[2])}]->(i)
}
UNWIND $facts AS e
MATCH (u:User {id: 'u' + e[0]}), (v:User {id: 'u' + e[1]})
CREATE (u)-[:TRUSTS]->(v)
"""
TRUST = Triple("User", "TRUSTS", "User")
# In plain Cypher each iteration makes lists as long as the server's highest id: a few more than
# converge.
_ENOUGH = {"rank/pagerank": 60, "rank/weighted_pagerank": 60, "rank/pagerank_in_gds": 200}


@pytest.fixture
def known(graph: GraphClient, bare_driver: neo4j.Driver, rng: np.random.Generator) -> nx.DiGraph:
    """Events and trust at random, some nodes without either; parallel edges add up."""
    events = [[*pair, weight] for *pair, weight in rng.integers(1, 18, size=(60, 3)).tolist()]
    facts = [pair for pair in rng.integers(18, size=(50, 2)).tolist() if pair[0] != pair[1]]
    with bare_driver.session() as session:
        session.run(_LOAD, events=events, facts=facts).consume()
    found = nx.DiGraph()
    found.add_nodes_from(f"{letter}{n}" for letter in "ui" for n in range(20))
    for one, two, weight in events:
        _add(found, f"u{one}", f"i{two}", weight)
    for one, two in facts:
        _add(found, f"u{one}", f"u{two}", 1)
    return found


def _add(found: nx.DiGraph, one: str, two: str, weight: int) -> None:
    before = found.get_edge_data(one, two, {"weight": 0, "edges": 0})
    found.add_edge(one, two, weight=before["weight"] + weight, edges=before["edges"] + 1)


def _by_id(ranking: PageRankScores) -> dict[str, float]:
    return {one.id: one.score for one in ranking.top(1_000)}


@pytest.mark.parametrize("gds", [pytest.param(True, marks=pytest.mark.gds), False])
@pytest.mark.parametrize("restart", [(), (("User", "u3"), ("User", "u19"))])
@pytest.mark.parametrize(
    ("triples", "undirected", "weight"),
    [([EVENTS], True, None), ([EVENTS, TRUST], True, "weight"), ([EVENTS, TRUST], False, None)],
)
def test_both_paths_are_networkx(
    graph: GraphClient,
    known: nx.DiGraph,
    gds: bool,
    restart: tuple[tuple[str, str], ...],
    triples: list[Triple],
    undirected: bool,
    weight: str | None,
) -> None:
    kept = known.copy()
    if TRUST not in triples:
        kept.remove_edges_from([(a, b) for a, b in known.edges if b.startswith("u")])
    other = nx.Graph() if undirected else nx.DiGraph()
    other.add_nodes_from(kept)
    column = weight or "edges"
    for one, two, values in kept.edges(data=True):
        before = other.get_edge_data(one, two, {"weight": 0})["weight"]
        other.add_edge(one, two, weight=before + values[column])
    personal = {id_: 1.0 for _, id_ in restart} or None
    expected = nx.pagerank(other, 0.85, personalization=personal, tol=1e-12, max_iter=1_000)

    options = PageRankOptions(restart=restart, undirected=undirected, weight=weight, gds=gds)
    got = _by_id(pagerank.pagerank(graph, triples, options))

    assert got.keys() == expected.keys()
    assert max(abs(got[id_] - expected[id_]) for id_ in got) < 1e-6


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize(
    "name",
    [
        "rank/pagerank",
        "rank/weighted_pagerank",
        pytest.param("rank/pagerank_in_gds", marks=pytest.mark.gds),
    ],
)
def test_the_plain_queries_are_the_verb(
    graph: GraphClient, known: nx.DiGraph, name: str, directed: bool
) -> None:
    slots = TRUST.slots()
    for restart in ([], ["u3"]):
        chosen = [("User", id_) for id_ in restart]
        options = PageRankOptions(restart=chosen, undirected=not directed, gds=False)
        expected = _by_id(pagerank.pagerank(graph, [TRUST], options))
        given = {"restart": restart, "directed": directed, "n": 100}
        rows = graph.ask(name, slots, **given, iterations=_ENOUGH[name])
        assert {row["id"]: row["score"] for row in rows} == pytest.approx(expected, abs=1e-7)


@pytest.mark.usefixtures("known")
def test_the_plain_queries_are_the_verb_undamped_and_weighted(graph: GraphClient) -> None:
    undamped = _by_id(pagerank.pagerank(graph, [EVENTS], PageRankOptions(damping=1.0)))
    rows = graph.ask("rank/pagerank", damping=1.0, iterations=300, n=100)
    assert {row["id"]: row["score"] for row in rows} == pytest.approx(undamped, abs=1e-7)
    weighted = _by_id(pagerank.pagerank(graph, [EVENTS], PageRankOptions(weight="weight")))
    rows = graph.ask("rank/weighted_pagerank", iterations=120, n=100)
    assert {row["id"]: row["score"] for row in rows} == pytest.approx(weighted, abs=1e-7)


@pytest.mark.gds
def test_a_loop_counts_once_in_the_plugin_too(
    graph: GraphClient, known: nx.DiGraph, bare_driver: neo4j.Driver
) -> None:
    with bare_driver.session() as session:
        session.run("MATCH (u:User {id: 'u4'}) CREATE (u)-[:TRUSTS]->(u)").consume()
    expected = _by_id(pagerank.pagerank(graph, [TRUST]))
    for name in ("rank/pagerank", "rank/pagerank_in_gds"):
        rows = graph.ask(name, TRUST.slots(), iterations=_ENOUGH[name], n=100)
        assert {row["id"]: row["score"] for row in rows} == pytest.approx(expected, abs=1e-7)


def test_scores_are_written_on_their_nodes(
    graph: GraphClient, known: nx.DiGraph, bare_driver: neo4j.Driver
) -> None:
    ranking = pagerank.pagerank(graph)
    assert pagerank.write_back(graph, ranking, "pagerank_by_events") == 40
    with bare_driver.session() as session:
        rows = session.run("MATCH (n) WHERE n.id IS NOT NULL RETURN n.id, n.pagerank_by_events")
        assert dict(row.values() for row in rows) == _by_id(ranking)
    for name in ("id", "pagerank`", "embedding_g1", "pagerank_", ""):
        with pytest.raises(UsageError, match="parameter property"):
            pagerank.write_back(graph, ranking, name)


def test_scores_are_written_on_entities_by_their_key(
    graph: GraphClient, bare_driver: neo4j.Driver
) -> None:
    with bare_driver.session() as session:
        session.run(
            "CREATE (:Item {id: 'i'})-[:MADE_BY]->(:Entity:Brand {id: '1', key: 'Brand:1'}), "
            "(:Entity:City {id: '1', key: 'City:1'})"
        ).consume()
    ranking = pagerank.pagerank(graph, [Triple("Item", "MADE_BY", "Brand")])
    assert pagerank.write_back(graph, ranking) == 2
    with bare_driver.session() as session:
        rows = session.run("MATCH (n:Entity) RETURN n.key, n.pagerank")
        assert dict(row.values() for row in rows) == {"Brand:1": 0.5, "City:1": None}


@pytest.mark.parametrize("gds", [pytest.param(True, marks=pytest.mark.gds), False])
def test_bad_parameters_are_named(graph: GraphClient, known: nx.DiGraph, gds: bool) -> None:
    nobody = PageRankOptions(restart=[("User", "nobody")], gds=gds)
    with pytest.raises(NotFound, match="parameter restart: there is no User 'nobody'"):
        pagerank.pagerank(graph, options=nobody)
    with pytest.raises(UsageError, match="parameter relation"):
        pagerank.pagerank(graph, [Triple(relation="NO_SUCH")], PageRankOptions(gds=gds))
    with pytest.raises(UsageError, match="parameter weight: the graph has no property"):
        pagerank.pagerank(graph, options=PageRankOptions(weight="no_such", gds=gds))


@pytest.mark.parametrize("gds", [pytest.param(True, marks=pytest.mark.gds), False])
@pytest.mark.parametrize("bad", [-1.0, "heavy"])
def test_weights_below_0_or_of_text_are_refused(
    graph: GraphClient, known: nx.DiGraph, bare_driver: neo4j.Driver, gds: bool, bad: object
) -> None:
    with bare_driver.session() as session:
        session.run("MATCH ()-[r:INTERACTED]->() WITH r LIMIT 1 SET r.weight = $bad", bad=bad)
    with pytest.raises(UsageError, match="parameter weight: property 'weight'"):
        pagerank.pagerank(graph, options=PageRankOptions(weight="weight", gds=gds))


@pytest.mark.gds
def test_no_projection_is_left_behind(
    graph: GraphClient, known: nx.DiGraph, bare_driver: neo4j.Driver
) -> None:
    pagerank.pagerank(graph, options=PageRankOptions(gds=True))
    graph.ask("rank/pagerank_in_gds")
    with pytest.raises(NotFound):
        pagerank.pagerank(graph, options=PageRankOptions(gds=True, restart=[("Item", "x")]))
    with bare_driver.session() as session:
        left = session.run("CALL gds.graph.list() YIELD graphName RETURN count(*) AS n")
        assert left.single(strict=True)["n"] == 0


@pytest.mark.usefixtures("known")
def test_the_command_prints_the_best_and_keeps_every_score(
    on_server: Neo4jTarget, bare_driver: neo4j.Driver
) -> None:
    assert on_server.uri
    options = ("--label", "Item", "--top", "3", "--write", "pagerank_cli", "--json")
    kinds = ("--edges", "User-INTERACTED-Item", "--edges", "User-TRUSTS-User")
    done = invoked("graph", "pagerank", *kinds, *options)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["written"] == 40
    assert [one["label"] for one in found["best"]] == ["Item"] * 3
    with bare_driver.session() as session:
        rows = session.run(
            "MATCH (n:Item) RETURN n.id AS id, n.pagerank_cli AS score ORDER BY score DESC LIMIT 3"
        ).data()
    assert [row["id"] for row in rows] == [one["id"] for one in found["best"]]


def test_what_is_no_kind_of_edges_is_named(graph: GraphClient, on_server: Neo4jTarget) -> None:
    assert graph.target.uri == on_server.uri
    with pytest.raises(UsageError, match="User-Item"):
        invoked("graph", "pagerank", "--edges", "User-Item")

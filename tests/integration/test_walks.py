"""Walks through the database: both paths and the plain Cypher against exact probabilities."""

from itertools import pairwise
from typing import Any

import neo4j
import numpy as np
import pytest

from engine.data.walking.walk_plan import WalkPlan
from engine.errors import UsageError
from engine.graph.pulling.edge_pages import Triple
from engine.graph.walks import Via, walk_corpus
from engine.store.graph_client import GraphClient

from ..chi_square import likelihood, second_order_likelihood, steps

_RARE = 1e-6
_FRIENDS = Triple("User", "FRIEND", "User")
_LOAD = """
FOREACH (i IN range(0, $n - 1) | CREATE (:User {id: toString(i)}))
WITH 1 AS one
UNWIND $edges AS edge
MATCH (a:User {id: toString(edge[0])}), (b:User {id: toString(edge[1])})
CREATE (a)-[:FRIEND {weight: edge[2], at: edge[3]}]->(b)
"""
_BOTH = pytest.mark.parametrize("via", [pytest.param("gds", marks=pytest.mark.gds), "pulled"])
_PROJECTED = "CALL gds.graph.list() YIELD graphName RETURN count(*) AS n"
# One, other, weight, at. Triangles; 1-2 stands twice; 6 has no friend.
_EDGES = [
    (0, 1, 1.0, 10),
    (0, 2, 4.0, 20),
    (1, 2, 1.5, 30),
    (2, 1, 0.5, 5),
    (1, 3, 1.0, 30),
    (2, 3, 1.0, 15),
    (3, 4, 3.0, 40),
    (4, 5, 1.0, 25),
    (3, 5, 2.0, 50),
]
_N = 7


def _matrix(weighted: bool) -> np.ndarray:
    matrix = np.zeros((_N, _N))
    for one, other, weight, _ in _EDGES:
        matrix[one, other] += weight
        matrix[other, one] += weight
    return matrix if weighted else (matrix > 0).astype(float)


def _first_order(weighted: bool) -> np.ndarray:
    """The last node is alone: from it no step is drawn."""
    matrix = _matrix(weighted)[:-1, :-1]
    exact: np.ndarray = matrix / matrix.sum(axis=1, keepdims=True)
    return exact


@pytest.fixture
def friends(graph: GraphClient, bare_driver: neo4j.Driver) -> GraphClient:
    """Seven users whose ids are their positions."""
    with bare_driver.session() as session:
        session.run(_LOAD, n=_N, edges=[list(edge) for edge in _EDGES]).consume()
    return graph


def _projected(driver: neo4j.Driver) -> int:
    with driver.session() as session:
        return int(session.run(_PROJECTED).single(strict=True)["n"])


def _corpus(client: GraphClient, plan: WalkPlan, via: Via) -> np.ndarray:
    with walk_corpus(client, plan, (_FRIENDS,), via=via) as corpus:
        assert corpus.via == via
        assert corpus.nodes["User"].ids == tuple("0123456")
        return np.concatenate(list(corpus.chunks))


@_BOTH
@pytest.mark.parametrize("weighted", [False, True], ids=["even", "weighted"])
@pytest.mark.parametrize(("p", "q"), [(1.0, 1.0), (0.25, 4.0), (4.0, 0.5)])
def test_both_paths_have_the_exact_probabilities(
    friends: GraphClient, via: Via, weighted: bool, p: float, q: float
) -> None:
    plan = WalkPlan(per_node=1_000, length=12, p=p, q=q, weighted=weighted, seed=5)
    walks = _corpus(friends, plan, via)
    assert walks.shape == (1_000 * _N, 12)
    assert walks.dtype == np.int32
    assert (np.bincount(walks[:, 0]) == 1_000).all(), "every node starts its walks"
    alone = walks[walks[:, 0] == 6]
    assert (alone[:, 1:] == -1).all()
    matrix = _matrix(weighted)
    assert second_order_likelihood(walks, matrix, p, q) > _RARE
    assert second_order_likelihood(walks, matrix, q, p) < _RARE or p == q
    assert second_order_likelihood(walks, _matrix(not weighted), p, q) < _RARE
    if p == q == 1:
        counts = steps(walks, _N)[:-1, :-1]
        assert likelihood(counts, _first_order(weighted)) > _RARE


@_BOTH
def test_a_seed_names_the_walks(friends: GraphClient, via: Via) -> None:
    one, two, other = (
        _corpus(friends, WalkPlan(per_node=20, seed=seed), via) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


@_BOTH
def test_user_item_walks_start_from_the_label_asked_for(
    graph: GraphClient, bare_driver: neo4j.Driver, via: Via
) -> None:
    pairs = [["a", "x"], ["a", "y"], ["b", "x"], ["b", "y"], ["b", "z"], ["c", "z"]]
    load = (
        "UNWIND $pairs AS pair MERGE (u:User {id: pair[0]}) MERGE (i:Item {id: pair[1]}) "
        "CREATE (u)-[:INTERACTED]->(i)"
    )
    with bare_driver.session() as session:
        session.run(load, pairs=pairs).consume()
    matrix = np.zeros((6, 6))
    for user, item in pairs:
        one, other = "abcxyz".index(user), "abcxyz".index(item)
        matrix[one, other] = matrix[other, one] = 1
    plan = WalkPlan(per_node=1_000, length=20, p=0.5, q=2.0, start="Item")
    with walk_corpus(graph, plan, via=via) as corpus:
        walks = np.concatenate(list(corpus.chunks))
    assert set(walks[:, 0].tolist()) == {3, 4, 5}
    assert second_order_likelihood(walks, matrix, 0.5, 2.0) > _RARE
    assert second_order_likelihood(walks, matrix, 2.0, 0.5) < _RARE


@pytest.mark.gds
def test_the_projection_is_dropped_whatever_happens(
    friends: GraphClient, bare_driver: neo4j.Driver
) -> None:
    def fail(failure: type[BaseException]) -> None:
        with walk_corpus(friends, WalkPlan(), (_FRIENDS,), via="gds") as corpus:
            assert _projected(bare_driver) == 1
            next(corpus.chunks)
            raise failure

    for failure in (KeyboardInterrupt, ZeroDivisionError):
        with pytest.raises(failure):
            fail(failure)
        assert _projected(bare_driver) == 0


def test_walks_in_order_of_time_and_with_restart_are_walked_on_the_pulled_graph(
    friends: GraphClient,
) -> None:
    walks = _corpus(friends, WalkPlan(per_node=200, in_time=True, length=4), "pulled")
    moments = {frozenset(edge[:2]): set() for edge in _EDGES}
    for one, other, _, at in _EDGES:
        moments[frozenset((one, other))].add(at)
    for walk in walks.tolist():
        now = 0
        for one, other in pairwise(walk):
            if other < 0:
                break
            now = min(at for at in moments[frozenset((one, other))] if at >= now)
    for name in ("in_time", "restart"):
        plan = WalkPlan(in_time=True) if name == "in_time" else WalkPlan(restart=0.1)
        with pytest.raises(UsageError, match=name):
            _corpus(friends, plan, "gds")


def test_bad_parameters_are_named(friends: GraphClient) -> None:
    with (
        pytest.raises(UsageError, match="start"),
        walk_corpus(friends, WalkPlan(start="Item"), (_FRIENDS,)),
    ):
        pass
    with (
        pytest.raises(UsageError, match="relation"),
        walk_corpus(friends, WalkPlan(), (Triple("User", "NONE", "User"),)),
    ):
        pass
    with (
        pytest.raises(UsageError, match="weight"),
        walk_corpus(friends, WalkPlan(weighted=True), (_FRIENDS,), weight="nothing"),
    ):
        pass


def _in_cypher(client: GraphClient, name: str, **given: Any) -> np.ndarray:
    """Return the walks of a method that people run, padded with -1."""
    slots = {"label": "User", "relation": "FRIEND"}
    if name == "walk/metapath":
        slots |= {"middle": "User", "back": "FRIEND"}
    walks = []
    for start in "034":
        rows = client.ask(name, slots, start=start, walks=1_500, length=8, **given)
        walks += [[int(id_) for id_ in row["ids"]] for row in rows]
        alone = client.ask(name, slots, start="6", walks=2, length=8, **given)
        assert [row["ids"] for row in alone] == [["6"], ["6"]] or given.get("restart")
    padded = np.full((len(walks), 8), -1, dtype=np.int32)
    for row, walk in zip(padded, walks, strict=True):
        row[: len(walk)] = walk
    return padded


@pytest.mark.parametrize("name", ["walk/uniform", "walk/weighted", "walk/metapath"])
def test_plain_cypher_steps_have_the_exact_probabilities(friends: GraphClient, name: str) -> None:
    weighted = name == "walk/weighted"
    counts = steps(_in_cypher(friends, name), _N)[:-1, :-1]
    assert likelihood(counts, _first_order(weighted)) > _RARE
    assert likelihood(counts, _first_order(not weighted)) < _RARE


@pytest.mark.parametrize("name", ["walk/uniform", "walk/weighted"])
def test_plain_cypher_restarts_as_often_as_asked(friends: GraphClient, name: str) -> None:
    walks = _in_cypher(friends, name, restart=0.3)
    for start in (0, 3, 4):
        counts = steps(walks[walks[:, 0] == start], _N)[:-1, :-1]
        exact = 0.7 * _first_order(name == "walk/weighted") + 0.3 * np.eye(_N - 1)[start]
        seen = counts.sum(axis=1) > 300
        assert likelihood(counts[seen], exact[seen]) > _RARE


@pytest.mark.parametrize("weighted", [False, True])
def test_plain_cypher_steps_by_p_and_q(friends: GraphClient, weighted: bool) -> None:
    walks = _in_cypher(friends, "walk/biased", p=0.25, q=2.0, weighted=weighted)
    assert second_order_likelihood(walks, _matrix(weighted), 0.25, 2.0) > _RARE
    assert second_order_likelihood(walks, _matrix(weighted), 2.0, 0.25) < _RARE
    assert second_order_likelihood(walks, _matrix(not weighted), 0.25, 2.0) < _RARE


def test_plain_cypher_never_goes_back_in_time(friends: GraphClient) -> None:
    slots = {"label": "User", "relation": "FRIEND"}
    moments = {(frozenset(edge[:2]), edge[3]) for edge in _EDGES}
    for window in (None, 10):
        rows = friends.ask("walk/in_time", slots, start="1", walks=3_000, length=4, window=window)
        first: dict[int, int] = {}
        for row in rows:
            at, ids = row["at"][1:], [int(id_) for id_ in row["ids"]]
            assert at == sorted(at)
            assert window is None or (np.diff(at) <= window).all()
            assert {
                (frozenset(two), when) for two, when in zip(pairwise(ids), at, strict=True)
            } <= (moments)
            first[at[0]] = first.get(at[0], 0) + 1
        # Of the four edges of node 1 two are from the same moment.
        assert likelihood([first[10], first[5], first[30]], [1 / 4, 1 / 4, 2 / 4]) > _RARE

"""Users for a user against NetworkX; what is missing is named."""

import json
from collections.abc import Callable
from typing import Any

import networkx as nx
import numpy as np
import pytest

from engine.errors import NotFound, UsageError
from engine.graph.lists import people
from engine.store.graph_client import GraphClient

from .terminal import invoked

Run = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def friends(run: Run) -> nx.Graph:
    """Forty users; some name each other, one names itself, one has no friend."""
    pairs = np.random.default_rng(4).integers(0, 40, (150, 2))
    named = {(f"u{a:02}", f"u{b:02}") for a, b in pairs.tolist()} | {("u03", "u03")}
    friends = nx.Graph([(a, b) for a, b in named if a != b])
    assert len(named) > friends.number_of_edges()
    run("UNWIND range(0, 39) AS n CREATE (:User {id: 'u' + right('0' + toString(n), 2)})")
    run("CREATE (:User {id: 'alone', name: 'Al'})")
    run(
        "UNWIND $pairs AS p MATCH (a:User {id: p[0]}), (b:User {id: p[1]}) "
        "CREATE (a)-[:TRUSTS {key: p[0] + p[1]}]->(b)",
        pairs=[list(pair) for pair in sorted(named)],
    )
    run("MATCH (u:User) CREATE (u)-[:INTERACTED {key: elementId(u)}]->(:Item {id: u.id})")
    return friends


def _strangers(friends: nx.Graph, user: str) -> list[tuple[str, str]]:
    """Pairs with those two steps away."""
    near = set(nx.single_source_shortest_path_length(friends, user, cutoff=2))
    return [(user, other) for other in sorted(near - {user} - set(friends[user]))]


def test_both_indices_are_those_of_networkx(graph: GraphClient, friends: nx.Graph) -> None:
    for user in friends:
        pairs = _strangers(friends, user)
        shared = {b: len(list(nx.common_neighbors(friends, a, b))) for a, b in pairs}
        rare = {b: value for _, b, value in nx.adamic_adar_index(friends, pairs)}
        found = people.recommend(graph, user, "TRUSTS", "friends-of-friends", 100)
        assert {one.id: one.score for one in found} == shared
        assert [one.id for one in found] == sorted(shared, key=lambda b: (-shared[b], b))
        found = people.recommend(graph, user, "TRUSTS", "adamic-adar", 100)
        assert {one.id: one.score for one in found} == pytest.approx(rare, abs=1e-12)
        assert {one.id: one.shared for one in found} == shared
        assert not any(one.capped for one in found)


def test_a_hub_costs_no_more_than_the_bound(graph: GraphClient, run: Run) -> None:
    run(
        "CREATE (u:User {id: 'u'})-[:TRUSTS]->(hub:User {id: 'hub'}) WITH u, hub "
        "UNWIND range(1, 2000) AS n CREATE (hub)-[:TRUSTS]->(:User {id: 'x' + toString(n)})"
    )
    found = people.recommend(graph, "u", "TRUSTS", k=10_000)
    assert 990 <= len(found) <= 1_000
    assert all(one.capped for one in found)
    assert found[0].score == pytest.approx(1 / np.log(2001))  # the degree is not the bound
    assert len(people.recommend(graph, "x1", "TRUSTS", "friends-of-friends", k=10)) == 10


def test_embedding_neighbours_are_the_exact_cosine(
    graph: GraphClient, friends: nx.Graph, run: Run
) -> None:
    vectors = np.random.default_rng(1).normal(size=(40, 6))
    run(
        "CREATE (:Serving {name: 'default'})-[:USES]->(:Generation {number: 3}) WITH 1 AS one "
        "UNWIND range(0, 39) AS n MATCH (u:User {id: 'u' + right('0' + toString(n), 2)}) "
        "SET u.embedding_g3 = $vectors[n]",
        vectors=vectors.tolist(),
    )
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    scores = {f"u{n:02}": float(unit[7] @ unit[n]) for n in range(40)}
    left = [id_ for id_ in scores if id_ != "u07" and id_ not in friends["u07"]]
    best = sorted(left, key=lambda id_: -scores[id_])[:9]
    found = people.recommend(graph, "u07", "TRUSTS", "embedding", 9)
    assert [one.id for one in found] == best
    assert [one.score for one in found] == pytest.approx([scores[id_] for id_ in best], abs=1e-6)
    with pytest.raises(NotFound, match="alone has no vector"):
        people.recommend(graph, "alone", "TRUSTS", "embedding")


def test_what_is_missing_is_named(graph: GraphClient, friends: nx.Graph) -> None:
    assert friends
    with pytest.raises(NotFound, match="no user nobody"):
        people.recommend(graph, "nobody", "TRUSTS")
    with pytest.raises(NotFound, match="alone has no TRUSTS"):
        people.recommend(graph, "alone", "TRUSTS")
    with pytest.raises(NotFound, match="u01 has no vector"):
        people.recommend(graph, "u01", "TRUSTS", "embedding")
    for k in (0, -1):
        with pytest.raises(UsageError, match="k must be"):
            people.recommend(graph, "u01", "TRUSTS", k=k)
    with pytest.raises(UsageError, match="by must be one of"):
        people.recommend(graph, "u01", "TRUSTS", "magic")  # type: ignore[arg-type]


@pytest.mark.usefixtures("on_server")
def test_the_command_finds_the_relation(friends: nx.Graph, run: Run) -> None:
    def engine(*arguments: str) -> Any:
        return invoked("recommend-users", *arguments)

    answer = json.loads(engine("u07", "--json", "-k", "3").stdout)
    assert (answer["relation"], len(answer["people"])) == ("TRUSTS", 3)
    assert not {one["id"] for one in answer["people"]} & set(friends["u07"])
    with pytest.raises(NotFound, match="LIKES"):
        engine("u07", "--relation", "LIKES")
    # Without data of that kind in use, a type's name stays; it joins nobody.
    run("MATCH (a:User {id: 'u01'}), (b:User {id: 'u02'}) CREATE (a)-[:KNOWS]->(b)")
    with pytest.raises(UsageError) as several:
        engine("u07")
    assert "KNOWS or TRUSTS" in several.value.hint
    assert engine("u07", "--relation", "TRUSTS", "--by", "friends-of-friends").exit_code == 0

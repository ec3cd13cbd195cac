"""Sampled edges exist, and come with exactly the chances that their way of drawing promises."""

import itertools
from collections import Counter
from collections.abc import Mapping

import neo4j
import numpy as np
import pytest
from scipy import stats

from engine.data.adjacency import EdgeList
from engine.errors import EngineError, NotFound, UsageError
from engine.graph.hop import EdgeSampling, EdgeStep
from engine.graph.pulling.edge_pages import Triple
from engine.graph.sampling import NeighbourSampler, numbers_of
from engine.store.graph_client import GraphClient

_LEAST = 1e-5
_USERS, _ITEMS = 400, 20
_STEP = EdgeStep()
_LIKES = EdgeStep(Triple("Fan", "LIKES", "Item"))
_EACH_WITH_EACH = """
UNWIND range(0, $items - 1) AS i CREATE (item:Item {id: toString(i)})
WITH collect(item) AS items
UNWIND range(0, $users - 1) AS u CREATE (user:User {id: toString(u)})
WITH user, u, items UNWIND range(0, $items - 1) AS i
WITH user, items[i] AS item, i, u * $items + i AS key
CREATE (user)-[:INTERACTED {key: key, weight: 1.0 + i, at: 1000 * ((i * 7) % $items) + key}]->(item)
"""


@pytest.fixture
def dense(graph: GraphClient, bare_driver: neo4j.Driver) -> GraphClient:
    """Every user with an event on every item; event i weighs 1 + i."""
    with bare_driver.session() as session:
        session.run(_EACH_WITH_EACH, users=_USERS, items=_ITEMS).consume()
    return graph


def _numbers(client: GraphClient, label: str, count: int) -> np.ndarray:
    return numbers_of(client, label, [str(row) for row in range(count)])


def _outcomes(hop: EdgeList, items: np.ndarray) -> list[tuple[int, ...]]:
    """Return the items drawn for each source, by row, in the order that they came."""
    row = {number: at for at, number in enumerate(items.tolist())}
    found: dict[int, list[int]] = {}
    for source, target in zip(hop.source.tolist(), hop.target.tolist(), strict=True):
        found.setdefault(source, []).append(row[target])
    return [tuple(rows) for rows in found.values()]


def _p_value(seen: Counter[tuple[int, ...]], expected: Mapping[tuple[int, ...], float]) -> float:
    assert set(seen) <= set(expected)
    total = seen.total()
    observed = [seen[outcome] for outcome in expected]
    return float(stats.chisquare(observed, [total * p for p in expected.values()]).pvalue)


def _subsets(weights: list[float]) -> dict[tuple[int, ...], float]:
    """Return the chance of each pair when the next is drawn in proportion to the weights left."""
    total = sum(weights)
    return {
        (i, j): weights[i]
        * weights[j]
        / total
        * (1 / (total - weights[i]) + 1 / (total - weights[j]))
        for i, j in itertools.combinations(range(len(weights)), 2)
    }


# A hub degree of 1 makes every node a hub, drawn here; otherwise the server draws.
@pytest.mark.parametrize("hub_degree", [1, 1000])
@pytest.mark.parametrize("kind", ["uniform", "replacement", "weighted"])
def test_every_outcome_comes_as_often_as_it_should(
    kind: str, hub_degree: int, dense: GraphClient, rng: np.random.Generator
) -> None:
    users, items = _numbers(dense, "User", _USERS), _numbers(dense, "Item", _ITEMS)
    sampler = NeighbourSampler(dense, [_STEP], EdgeSampling(kind, hub_degree=hub_degree))
    weights = [1.0 + i if kind == "weighted" else 1.0 for i in range(_ITEMS)]
    seen: Counter[tuple[int, ...]] = Counter()
    singles: Counter[tuple[int, ...]] = Counter()
    for _ in range(20):
        drawn = _outcomes(sampler.hop(users, _STEP, 2, rng), items)
        assert [len(rows) for rows in drawn] == [2] * _USERS
        seen.update(rows if kind == "replacement" else tuple(sorted(rows)) for rows in drawn)
        singles.update(_outcomes(sampler.hop(users, _STEP, 1, rng), items))
    sampler.close()

    if kind == "replacement":
        pairs = itertools.product(range(_ITEMS), repeat=2)
        expected: Mapping[tuple[int, ...], float] = dict.fromkeys(pairs, 1 / _ITEMS**2)
    else:
        expected = _subsets(weights)
    assert _p_value(seen, expected) > _LEAST
    alone = {(row,): weight / sum(weights) for row, weight in enumerate(weights)}
    assert _p_value(singles, alone) > _LEAST


@pytest.mark.parametrize("hub_degree", [1, 1000])
def test_recent_takes_the_newest_and_every_edge_is_one_of_the_graph(
    hub_degree: int, dense: GraphClient, bare_driver: neo4j.Driver, rng: np.random.Generator
) -> None:
    with bare_driver.session() as session:  # two events of one pair, equally recent
        session.run(
            "MATCH (u:User {id: '0'}), (i:Item {id: '3'}) UNWIND [1, 2] AS turn "
            "CREATE (u)-[:INTERACTED {key: -turn, weight: 0.5 * turn, at: 9000000}]->(i)"
        ).consume()
        text = (
            "MATCH (u)-[r:INTERACTED]->(i) RETURN id(u) AS u, id(i) AS i, r.weight AS w, r.at AS at"
        )
        edges = [tuple(record) for record in session.run(text)]
    users, items = _numbers(dense, "User", _USERS), _numbers(dense, "Item", _ITEMS)
    draw = EdgeSampling("recent", attributes=True, hub_degree=hub_degree)
    sampler = NeighbourSampler(dense, [_STEP, _STEP.back()], draw)
    first, second = sampler.sample(users[:50], [_STEP, _STEP.back()], [3, 4], rng)
    everything = sampler.hop(users, _STEP, None, rng)
    sampler.close()

    def rows(hop: EdgeList) -> list[tuple[int, int, float, int]]:
        assert hop.weights is not None
        assert hop.at is not None
        columns = (hop.source, hop.target, hop.weights, hop.at)
        return sorted(zip(*(column.tolist() for column in columns), strict=True))

    asked = set(users[:50].tolist())
    assert rows(everything) == sorted(edges)
    newest = sorted((edge for edge in edges if edge[0] in asked), key=lambda e: -e[3])
    per_user = [[e for e in newest if e[0] == user][:3] for user in asked]
    assert rows(first) == sorted(itertools.chain.from_iterable(per_user))
    back = sorted(((i, u, w, at) for u, i, w, at in edges), key=lambda e: -e[3])
    reached = set(first.target.tolist())
    per_item = [[e for e in back if e[0] == item][:4] for item in reached]
    assert rows(second) == sorted(itertools.chain.from_iterable(per_item))
    assert reached <= set(items.tolist())


def test_edges_to_other_labels_take_no_place(
    graph: GraphClient, bare_driver: neo4j.Driver, rng: np.random.Generator
) -> None:
    """300 songs hide 6 items: the server's share is far too small, and the node is read whole."""
    with bare_driver.session() as session:
        session.run(
            "UNWIND range(0, 5) AS i CREATE (:Item {id: toString(i)}) "
            "WITH count(*) AS n UNWIND range(1, 300) AS s CREATE (:Song {id: toString(s)})"
        ).consume()
        session.run(
            "UNWIND range(0, 59) AS f CREATE (fan:Fan {id: toString(f)}) "
            "WITH fan MATCH (x) WHERE x:Item OR x:Song CREATE (fan)-[:LIKES]->(x)"
        ).consume()
    fans, items = _numbers(graph, "Fan", 60), _numbers(graph, "Item", 6)
    sampler = NeighbourSampler(graph, [_LIKES])
    seen: Counter[tuple[int, ...]] = Counter()
    for _ in range(25):
        drawn = _outcomes(sampler.hop(fans, _LIKES, 2, rng), items)
        assert len(drawn) == len(fans)
        seen.update(tuple(sorted(rows)) for rows in drawn)
    sampler.close()
    assert _p_value(seen, _subsets([1.0] * 6)) > _LEAST


def test_a_hub_is_read_once(
    dense: GraphClient, bare_driver: neo4j.Driver, rng: np.random.Generator
) -> None:
    items = _numbers(dense, "Item", _ITEMS)
    back = _STEP.back()
    sampler = NeighbourSampler(dense, [back], EdgeSampling(hub_degree=_USERS - 1, hub_edges=_USERS))
    assert len(sampler.hop(items[:1], back, 10, rng)) == 10
    assert (len(sampler.hubs), sampler.hubs.edges) == (1, _USERS)
    with bare_driver.session() as session:
        session.run("MATCH (:Item {id: '0'})-[r]-() DELETE r").consume()
    assert len(sampler.hop(items[:1], back, 10, rng)) == 10, "the list is here"
    assert len(sampler.hop(items[1:2], back, 10, rng)) == 10
    assert sampler.hubs.edges == _USERS, "the older hub made room"
    sampler.hubs.forget()
    assert len(sampler.hop(items[:1], back, 10, rng)) == 0
    sampler.close()


def test_what_cannot_be_sampled_is_named(dense: GraphClient, rng: np.random.Generator) -> None:
    users = _numbers(dense, "User", 2)
    sampler = NeighbourSampler(dense)
    wrong: list[tuple[type[EngineError], str, object]] = [
        (UsageError, "parameter k ", lambda: sampler.hop(users, _STEP, 0, rng)),
        (UsageError, "parameter k ", lambda: sampler.hop(users, _STEP, -1, rng)),
        (UsageError, "parameter fanout", lambda: sampler.sample(users, [_STEP], [1, 2], rng)),
        (NotFound, "no node of the number 999999", lambda: sampler.hop([999_999], _STEP, 3, rng)),
        (NotFound, "no User 'nobody'", lambda: numbers_of(dense, "User", ["1", "nobody"])),
        (UsageError, "parameter kind", lambda: EdgeSampling("best")),
        (UsageError, "parameter hub_degree", lambda: EdgeSampling(hub_degree=0)),
        (
            UsageError,
            "parameter weight",
            lambda: NeighbourSampler(dense, draw=EdgeSampling("weighted", "never_written")),
        ),
        (
            UsageError,
            "parameter relation",
            lambda: NeighbourSampler(dense, [EdgeStep(Triple("User", "NEVER_WRITTEN"))]),
        ),
    ]
    for kind, message, call in wrong:
        with pytest.raises(kind, match=message):
            call()  # type: ignore[operator]
    assert len(sampler.hop([], _STEP, 3, rng)) == 0
    sampler.close()


def test_the_queries_for_people_draw_what_they_say(dense: GraphClient) -> None:
    def ask(name: str, k: int, weights: list[float], turns: int) -> Counter[tuple[int, ...]]:
        seen: Counter[tuple[int, ...]] = Counter()
        seeds = [str(row) for row in range(_USERS)]
        for _ in range(turns):
            rows = dense.ask(name, _FILLED, seeds=seeds, k=k)
            assert len(rows) == k * _USERS
            seen.update((int(row["neighbour"]),) for row in rows)
        return seen

    alike, heavy = [1.0] * _ITEMS, [1.0 + i for i in range(_ITEMS)]
    for name, weights in (("uniform", alike), ("replacement", alike), ("weighted", heavy)):
        expected = {(row,): weight / sum(weights) for row, weight in enumerate(weights)}
        assert _p_value(ask(f"sample/{name}", 1, weights, 5), expected) > _LEAST, name
    newest = max(range(_ITEMS), key=lambda i: 1000 * ((i * 7) % _ITEMS))
    assert ask("sample/recent", 1, alike, 1) == {(newest,): _USERS}
    slots = {"label": "User", "relation": "INTERACTED", "reached": "Item"}
    rows = dense.ask("sample/neighbourhood", slots, seeds=["0", "1"], first=5, second=7)
    assert len(rows) == 10
    assert all(len(set(row["beyond"])) == 7 for row in rows)


_FILLED = {"label": "User", "relation": "INTERACTED", "reached": "Item", "weight": "weight"}

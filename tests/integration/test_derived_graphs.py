"""The graphs between items, in the graph: incremental, idempotent, whole after an interruption."""

import json
from collections.abc import Callable
from typing import Any

import neo4j
import pytest

from engine.data.item_edges import ItemEdges
from engine.errors import Busy, NotFound, UsageError
from engine.graph import derived_item_graphs
from engine.graph.derived_item_graphs import ItemNodes
from engine.graph.pulling import pull
from engine.publishing.item_graphs import BuildRequest, build
from engine.store.graph_client import GraphClient

from .terminal import invoked

DAY = 86_400_000
START = 1_700_000_000_000
Run = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def run(bare_driver: neo4j.Driver) -> Run:
    def run(text: str, **params: Any) -> list[dict[str, Any]]:
        with bare_driver.session() as session:
            return session.run(text, params).data()  # type: ignore[arg-type]

    return run


def _buy(run: Run, baskets: list[list[int]], first: int = 0) -> None:
    """One basket a day, users in turn."""
    rows = [
        {
            "user": f"u{(first + n) % 5}",
            "item": f"i{item:02}",
            "at": START + (first + n) * DAY,
            "basket": f"b{first + n}",
            "key": (first + n) * 1000 + at,
        }
        for n, basket in enumerate(baskets)
        for at, item in enumerate(basket)
    ]
    run(
        "UNWIND $rows AS row MERGE (u:User {id: row.user}) MERGE (i:Item {id: row.item}) "
        "CREATE (u)-[:INTERACTED {key: row.key, event: 'buy', at: row.at, weight: 1.0, "
        "basket: row.basket, batch: 1}]->(i)",
        rows=rows,
    )


_FIRST = [[(n * n + step * step) % 13 for step in range(2 + n % 4)] for n in range(40)]
_LATER = [[1, 2, 20], [3, 20], [1, 20]]


def _edges(run: Run, relation: str) -> dict[tuple[str, str], dict[str, Any]]:
    rows = run(
        f"MATCH (a:Item)-[r:{relation}]->(b:Item) "
        "RETURN a.id AS a, b.id AS b, properties(r) AS r, elementId(r) AS id"
    )
    assert len({(row["a"], row["b"]) for row in rows}) == len(rows)
    return {(row["a"], row["b"]): row["r"] | {"element": row["id"]} for row in rows}


def _values(found: dict[tuple[str, str], dict[str, Any]]) -> dict[tuple[str, str], Any]:
    """What the edges say, without which relationship says it."""
    return {
        pair: {name: round(value, 9) for name, value in edge.items() if name != "element"}
        for pair, edge in found.items()
    }


@pytest.mark.parametrize(
    "request_",
    [
        BuildRequest("co-occurrence", top=4, min_count=1),
        BuildRequest("sequential", top=6, window=2),
        BuildRequest("similarity", top=4),
    ],
    ids=lambda one: one.graph,
)
def test_only_what_changed_is_rewritten_and_equals_a_build_from_scratch(
    request_: BuildRequest, graph: GraphClient, run: Run
) -> None:
    relation = derived_item_graphs.RELATIONS[request_.graph]
    _buy(run, [*_FIRST, [50, 51, 52], [50, 51], [51, 52]])
    first = build(graph, request_)
    before = _edges(run, relation)
    assert (first.unchanged, first.written, first.edges) == (0, len(before), len(before))

    again = build(graph, request_)
    assert (again.unchanged, again.written, again.removed) == (len(before), 0, 0)
    assert _edges(run, relation) == before

    _buy(run, _LATER, first=100)
    later = build(graph, request_)
    grown = _edges(run, relation)
    kept = [pair for pair in grown if grown[pair] == before.get(pair)]
    assert (later.unchanged, later.written) == (len(kept), len(grown) - len(kept))
    assert later.written > 0
    assert kept
    assert later.removed == len(before.keys() - grown.keys())

    run(f"MATCH ()-[r:{relation}]->() DELETE r")
    assert build(graph, request_).unchanged == 0
    assert _values(_edges(run, relation)) == _values(grown)


def test_support_and_lift_follow_from_what_is_stored(graph: GraphClient, run: Run) -> None:
    _buy(run, [[1, 2], [1, 2, 3], [1], [3], [4, 4]])
    report = build(graph, BuildRequest("co-occurrence", min_count=1))
    stored = run(
        "MATCH (g:DerivedGraph {name: 'co-occurrence'}) "
        "MATCH (:Item {id: 'i01'})-[r:CO_OCCURRED]->(:Item {id: 'i02'}) "
        "RETURN 1.0 * r.count / g.baskets AS support, "
        "1.0 * r.count * g.baskets / (r.from_baskets * r.to_baskets) AS lift, r.score AS score"
    )
    # Five baskets; 1 is in three, 2 in two, both in two.
    assert report.baskets == 5
    assert stored == [pytest.approx({"support": 0.4, "lift": 10 / 6, "score": 2 / 6**0.5})]


class _CutOff(Exception):
    pass


def test_a_build_that_is_cut_off_is_finished_by_the_next(graph: GraphClient, run: Run) -> None:
    """Enough edges for several transactions; the first is the last."""
    _buy(run, [list(range(60 * n, 60 * n + 60)) for n in range(5)])
    request = BuildRequest("co-occurrence", top=50, min_count=1)

    def cut(doing: str, done: int, _all: int) -> None:
        if doing == "writing edges" and done:
            raise _CutOff

    with pytest.raises(_CutOff):
        build(graph, request, cut)
    some = _edges(run, "CO_OCCURRED")
    degrees = run("MATCH (i:Item) RETURN DISTINCT COUNT {(i)-[:CO_OCCURRED]->()} AS n ORDER BY n")
    assert [row["n"] for row in degrees] == [0, 50]  # an item is written whole or not at all
    assert [one.state for one in derived_item_graphs.graphs(graph)] == ["building"]
    assert derived_item_graphs.graphs(graph)[0].edges is None

    report = build(graph, request)
    assert (report.unchanged, report.written) == (len(some), 15_000 - len(some))
    whole = derived_item_graphs.graphs(graph)[0]
    assert (whole.state, whole.edges, whole.baskets) == ("built", 15_000, 5)


def test_a_build_that_another_overtook_writes_nothing(graph: GraphClient, run: Run) -> None:
    _buy(run, _FIRST)
    build(graph, BuildRequest("co-occurrence"))
    before = _edges(run, "CO_OCCURRED")
    nothing = ItemEdges(*(pull.pull_items(graph)[1][:0],) * 2, {})
    overtaken = derived_item_graphs.begin(graph, "co-occurrence")
    derived_item_graphs.begin(graph, "co-occurrence")
    items = ItemNodes(*pull.pull_items(graph))
    with pytest.raises(Busy):
        derived_item_graphs.update(graph, "co-occurrence", overtaken, items, nothing)
    with pytest.raises(Busy):
        derived_item_graphs.finish(graph, "co-occurrence", overtaken, nothing, {})
    assert _edges(run, "CO_OCCURRED") == before


def test_a_doubled_edge_is_put_right(graph: GraphClient, run: Run) -> None:
    _buy(run, _FIRST)
    build(graph, BuildRequest("co-occurrence"))
    before = _edges(run, "CO_OCCURRED")
    run(
        "MATCH (a:Item)-[r:CO_OCCURRED]->(b:Item) WITH a, r, b LIMIT 1 "
        "CREATE (a)-[double:CO_OCCURRED]->(b) SET double = properties(r)"
    )
    assert build(graph, BuildRequest("co-occurrence")).written == 1
    assert _values(_edges(run, "CO_OCCURRED")) == _values(before)


def test_nothing_to_build_from_is_an_error(graph: GraphClient, run: Run) -> None:
    with pytest.raises(NotFound, match="no events"):
        build(graph, BuildRequest("co-occurrence"))
    _buy(run, [[1], [2]])
    report = build(graph, BuildRequest("co-occurrence"))
    assert "--min-count" in (report.note() or "")


@pytest.mark.usefixtures("on_server")
def test_the_command_builds_and_lists(graph: GraphClient, run: Run) -> None:
    assert graph.server.version
    _buy(run, [[*range(30)], [1, 2], [1, 2]])
    arguments = ["graph", "build", "co-occurrence", "--max-basket", "20", "--weight", "buy=2"]
    done = invoked(*arguments, "--json")
    report = json.loads(done.stdout)
    assert (report["capped_baskets"], report["left_out"]) == (1, 10)
    assert "--max-basket" in report["note"]
    listed = invoked("graph", "list", "--json")
    built = json.loads(listed.stdout)[0]
    by_user = json.loads(invoked(*arguments, "--unit", "user", "--json").stdout)
    assert "everything that a user ever had" in by_user["note"]
    assert (built["name"], built["state"]) == ("co-occurrence", "built")
    assert built["settings"]["weights"] == {"kinds": {"buy": 2.0}, "half_life_days": None}


@pytest.mark.usefixtures("on_server")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["co-occurrence", "--top", "0"], "top"),
        (["co-occurrence", "--min-count", "-1"], "min_count"),
        (["co-occurrence", "--session-gap", "0"], "session_gap"),
        (["co-occurrence", "--max-basket", "many"], "--max-basket"),
        (["co-occurrence", "--half-life", "0"], "half-life"),
        (["co-occurrence", "--weight", "buy"], "--weight"),
        (["co-occurrence", "--weight", "sold=2"], "sold"),
        (["sequential", "--window", "0"], "window"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_values_are_named(
    arguments: list[str], said: str, graph: GraphClient, run: Run
) -> None:
    assert graph.server.version
    _buy(run, [[1, 2]])
    try:
        done = invoked("graph", "build", *arguments)
    except UsageError as error:
        message = error.message
    else:
        assert done.exit_code == UsageError.exit_code
        message = done.output
    assert said in message


def test_events_without_a_basket_go_by_session(graph: GraphClient, run: Run) -> None:
    """A basket that is named is one; beside it, what happened within half an hour is one."""
    _buy(run, [[1, 2, 3]])
    run(
        "MATCH (u:User {id: 'u0'}) UNWIND [[4, 0], [5, 20], [6, 50]] AS row "
        "CREATE (u)-[:INTERACTED {key: row[0] + 900, event: 'buy', weight: 1.0, "
        "at: $start + row[1] * 60000}]->(:Item {id: 'i0' + toString(row[0])})",
        start=START,
    )
    report = build(graph, BuildRequest("co-occurrence", min_count=1))
    together = {frozenset(pair) for pair in _edges(run, "CO_OCCURRED")}
    expected = [("i01", "i02"), ("i01", "i03"), ("i02", "i03"), ("i04", "i05")]
    assert together == {frozenset(pair) for pair in expected}
    assert report.baskets == 3


def test_similar_comes_from_the_vectors_in_service(graph: GraphClient, run: Run) -> None:
    vectors = {"a": [1.0, 0.0], "b": [3.0, 4.0], "c": [0.0, 2.0], "d": [-1.0, -0.1]}
    run(
        "CREATE (:Serving {name: 'default'})-[:USES]->(:Generation {number: 7}) WITH 1 AS one "
        "UNWIND keys($vectors) AS id CREATE (:Item {id: id, embedding_g7: $vectors[id]})",
        vectors=vectors,
    )
    run("CREATE (:Item {id: 'new'})-[:SIMILAR {score: 0.5, generation: 6}]->(:Item {id: 'old'})")
    report = build(graph, BuildRequest("similarity", top=2))
    # cos(a, b) = 3/5, cos(b, c) = 4/5; nothing looks towards d; those without a vector lose theirs.
    found = {pair: edge["score"] for pair, edge in _edges(run, "SIMILAR").items()}
    expected = {("a", "b"): 0.6, ("b", "a"): 0.6, ("b", "c"): 0.8, ("c", "b"): 0.8}
    assert found == pytest.approx(expected, abs=1e-6)
    assert {edge["generation"] for edge in _edges(run, "SIMILAR").values()} == {7}
    assert (report.source, report.removed) == ("generation 7", 1)

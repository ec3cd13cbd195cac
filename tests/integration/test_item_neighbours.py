"""What goes with an item: the lists worked out by hand, the exclusion rule, errors that name."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from engine.errors import EngineError, NotBuilt, NotFound, UsageError
from engine.graph.lists import item_neighbours
from engine.graph.lists.item_neighbours import CountedItem
from engine.graph.lists.recommendations import Question
from engine.publishing.item_graphs import BuildRequest, build
from engine.store.graph_client import GraphClient
from engine.usecases.recommending import similar

from .terminal import invoked

_SHOP = """
UNWIND [
  ['ann', 'b1', ['tea', 'mug']], ['ann', 'b2', ['tea', 'mug', 'honey']],
  ['bob', 'b3', ['tea', 'honey']], ['bob', 'b4', ['rum']],
  ['cid', 'b5', ['tea']], ['cid', 'b6', ['mug', 'jar']]
] AS row
WITH row, toInteger(substring(row[1], 1)) AS day
MERGE (u:User {id: row[0]})
WITH u, row, day
UNWIND range(0, size(row[2]) - 1) AS at
MERGE (i:Item {id: row[2][at]})
SET i.name = toUpper(i.id), i.kind = CASE i.id WHEN 'mug' THEN 'thing' ELSE 'food' END
CREATE (u)-[:INTERACTED {key: day * 10 + at, event: 'buy', weight: 1.0, batch: 1,
                         basket: row[1], at: 1700000000000 + day * 86400000}]->(i)
"""
_FACTS = """
UNWIND [
  ['tea', 'MADE_BY', 'Brand:acme'], ['mug', 'MADE_BY', 'Brand:acme'],
  ['jar', 'MADE_BY', 'Brand:acme'],
  ['tea', 'HAS', 'Taste:mild'], ['honey', 'HAS', 'Taste:mild'], ['rum', 'LACKS', 'Taste:mild'],
  ['mug', 'HAS', 'Shape:round'], ['jar', 'HAS', 'Shape:round']
] AS row
MATCH (i:Item {id: row[0]})
MERGE (e:Entity {key: row[2]}) SET e.id = split(row[2], ':')[1]
CREATE (i)-[r:$(row[1])]->(e)
"""
Run = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def run(run: Run) -> Run:
    run(_SHOP)
    run(_FACTS)
    return run


@pytest.fixture
def built(graph: GraphClient, run: Run) -> Run:
    build(graph, BuildRequest("co-occurrence", min_count=1))
    build(graph, BuildRequest("sequential"))
    return run


def _ids(found: Any) -> list[str]:
    return [item.id for item in found.items]


def test_bought_together_with_support_and_lift(graph: GraphClient, built: Run) -> None:
    assert built
    found = item_neighbours.bought_together(graph, ["tea"], Question())
    # Six baskets: tea in four, mug in three, honey in two; with tea each is twice.
    assert _ids(found) == ["honey", "mug"]
    honey, mug = found.items
    assert isinstance(honey, item_neighbours.TogetherItem)
    assert isinstance(mug, item_neighbours.TogetherItem)
    assert (honey.count, honey.support, honey.lift) == (2, 2 / 6, 2 * 6 / (4 * 2))
    assert (mug.count, mug.support, mug.lift) == (2, 2 / 6, 2 * 6 / (4 * 3))
    assert honey.score == pytest.approx(2 / math.sqrt(8))
    assert (found.name, found.short, found.fallback) == ("TEA", True, False)


def test_a_basket_in_and_what_completes_it_out(graph: GraphClient, built: Run) -> None:
    assert built
    found = item_neighbours.bought_together(graph, ["honey", "mug"], Question())
    scores = {item.id: item.score for item in found.items}
    tea = 2 / math.sqrt(8) + 2 / math.sqrt(12)
    assert scores == pytest.approx({"tea": tea, "jar": 1 / math.sqrt(3)})
    # Tea is together with each twice: the lift is that of the smaller id, however they are given.
    assert found.items[0].lift == 2 * 6 / (2 * 4)
    again = item_neighbours.bought_together(graph, ["mug", "honey"], Question())
    assert again.items == found.items


def test_within_a_basket_the_users_habits_compete(graph: GraphClient, built: Run) -> None:
    built(
        "MATCH (u:User {id: 'ann'}), (i:Item {id: 'rum'}) CREATE (u)-[:INTERACTED {key: 99, "
        "event: 'buy', weight: 1.0, batch: 1, at: 1700000000000 - 118 * 86400000}]->(i)"
    )
    found = item_neighbours.within_basket(graph, ["honey"], Question(), "ann")
    # Together with honey: tea, 2 of its 2 baskets and of tea's 4, and mug, 1 of 2 and 3. Ann's
    # newest event is of day 2: tea and mug once that day, once the day before; rum 120 days before.
    habit = 1 + 2 ** (-1 / 60)
    often, rarely = 2 * habit / (habit + 4), 2 * 0.25 / (0.25 + 4)
    mug = (1 / math.sqrt(6)) / (2 / math.sqrt(8)) + often
    expected = {"tea": 1 + often, "mug": mug, "rum": rarely}
    assert {item.id: item.score for item in found.items} == pytest.approx(expected)
    assert [(i.id, i.source, i.count) for i in found.items if isinstance(i, CountedItem)] == [
        ("tea", "bought-together", 2),
        ("mug", "again", 1),
        ("rum", "again", 0),
    ]
    assert (found.basis.asked, found.basis.served) == ("within-basket", "within-basket")
    for user in (None, "nobody"):
        nobody = item_neighbours.within_basket(graph, ["honey", "mug"], Question(), user)
        plain = item_neighbours.bought_together(graph, ["honey", "mug"], Question(), user)
        assert _ids(nobody) == _ids(plain)
        assert nobody.items[0].score == 1.0
    bought = Question(seen_days=1.0, now=1700000000000 + 3 * 86400000 - 1)
    assert _ids(item_neighbours.within_basket(graph, ["honey"], bought, "ann")) == ["rum"]


def test_what_comes_next(graph: GraphClient, built: Run) -> None:
    assert built
    found = item_neighbours.following(graph, "tea", Question())
    # Ann: {tea, mug} {tea, mug, honey}; Bob: {tea, honey} {rum}; Cid: {tea} {mug, jar}.
    shares = {item.id: item.score for item in found.items}
    assert shares == pytest.approx({"mug": 2 / 5, "honey": 1 / 5, "rum": 1 / 5, "jar": 1 / 5})


def test_shared_facts_weigh_by_rarity(graph: GraphClient, run: Run) -> None:
    assert run
    found = item_neighbours.sharing_facts(graph, "tea", Question())
    # Five items; three facts point to acme, three to mild. Rum's is another relation.
    weight = math.log(1 + 5 / 3)
    shares = {item.id: item.score for item in found.items}
    assert shares == pytest.approx({"honey": weight, "jar": weight, "mug": weight})
    jar = item_neighbours.sharing_facts(graph, "jar", Question(k=1)).items[0]
    assert isinstance(jar, item_neighbours.CountedItem)
    assert (jar.id, jar.count) == ("mug", 2)
    assert jar.score == pytest.approx(math.log(1 + 5 / 3) + math.log(1 + 5 / 2))


def test_a_hub_is_read_only_so_far(graph: GraphClient, run: Run) -> None:
    run(
        "MATCH (e:Entity {key: 'Taste:mild'}) UNWIND range(1, 300) AS n "
        "CREATE (:Item {id: 'x' + toString(n)})-[:HAS]->(e)"
    )
    given = {"user": None, "filters": {}, "now": None, "k": 500}
    whole = graph.ask("similar/attributes", item="tea", **given)[0]
    capped = graph.ask("similar/attributes", item="tea", most=50, **given)[0]
    assert (whole["basis"], len(whole["items"])) == ("attributes", 303)
    assert capped["basis"] == "capped"
    assert {"mug", "jar"} <= {item["id"] for item in capped["items"]}  # the rare fact comes first
    assert len(capped["items"]) <= 52


@pytest.mark.parametrize(
    ("ask", "item", "others"),
    [
        (
            lambda g, q, u: item_neighbours.bought_together(g, ["mug"], q, u),
            "mug",
            ["tea", "honey", "jar"],
        ),
        (
            lambda g, q, u: item_neighbours.within_basket(
                g, ["mug"], replace(q, seen_days=36_500.0), u
            ),
            "mug",
            ["tea", "honey", "jar"],
        ),
        (
            lambda g, q, u: item_neighbours.following(g, "tea", q, u),
            "tea",
            ["mug", "honey", "rum", "jar"],
        ),
        (
            lambda g, q, u: item_neighbours.sharing_facts(g, "tea", q, u),
            "tea",
            ["mug", "honey", "jar"],
        ),
    ],
    ids=["bought-together", "within-basket", "next", "attributes"],
)
def test_the_exclusion_rule_holds(
    ask: Callable[..., Any], item: str, others: list[str], graph: GraphClient, built: Run
) -> None:
    assert set(_ids(ask(graph, Question(), None))) == set(others)
    assert set(_ids(ask(graph, Question(filters={"kind": ["food"]}), None))) == set(others) - {
        "mug"
    }
    seen = {
        row["id"] for row in built("MATCH (:User {id: 'cid'})-[:INTERACTED]->(i) RETURN i.id AS id")
    }
    assert set(_ids(ask(graph, Question(), "cid"))) == set(others) - seen - {item}
    built("MATCH (i:Item {id: 'honey'}) SET i.hidden = true")
    built("MATCH (i:Item {id: 'jar'}) SET i.expires_at = 5000")
    assert set(_ids(ask(graph, Question(now=5001), None))) == set(others) - {"honey", "jar"}
    assert "jar" in _ids(ask(graph, Question(now=4999), None))


def test_what_is_missing_is_named(graph: GraphClient, run: Run) -> None:
    with pytest.raises(NotBuilt, match="never built"):
        item_neighbours.bought_together(graph, ["tea"], Question())
    with pytest.raises(NotBuilt, match="never built"):
        item_neighbours.following(graph, "tea", Question())
    with pytest.raises(NotFound, match="no item beer"):
        item_neighbours.bought_together(graph, ["tea", "beer"], Question())
    for ask in (item_neighbours.following, item_neighbours.sharing_facts):
        with pytest.raises(NotFound, match="no item beer"):
            ask(graph, "beer", Question())
    run("MATCH (i:Item {id: 'rum'})-[r:LACKS]->() DELETE r")
    with pytest.raises(NotFound, match="no facts"):
        item_neighbours.sharing_facts(graph, "rum", Question())


@pytest.mark.usefixtures("on_server")
def test_the_command_shows_each_kind(graph: GraphClient, built: Run) -> None:
    assert built
    assert graph.server.version
    for arguments, first in (
        (["tea", "honey", "--by", "bought-together"], "mug"),
        (["tea", "honey", "--by", "within-basket"], "mug"),
        (["tea", "rum", "--user", "ann", "--by", "within-basket"], "mug"),
        (["tea", "--by", "next"], "mug"),
        (["jar", "--by", "attributes"], "mug"),
    ):
        done = invoked("similar", *arguments, "--json")
        answer = json.loads(done.stdout)
        assert answer["items"][0]["id"] == first
        assert answer["basis"] == {"asked": arguments[-1], "served": arguments[-1]}
        shown = invoked("similar", *arguments)
        assert "MUG" in shown.stdout


def test_a_wrong_way_to_compare_is_named(graph: GraphClient, run: Run, request: Any) -> None:
    assert run
    assert graph.server.version
    request.getfixturevalue("on_server")
    from engine.config import load

    for item, by in (("tea", "magic"), (["tea", "mug"], "next"), ([], "bought-together")):
        with pytest.raises(UsageError) as caught:
            similar(load(), item, Question(), None, by)  # type: ignore[arg-type]
        assert isinstance(caught.value, EngineError)
        assert by in caught.value.message

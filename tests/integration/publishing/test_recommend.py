"""Recommendations: the score, the exclusion rule, filters, fallbacks, every user at once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import neo4j
import pyarrow.parquet
import pytest

from engine.errors import NotFound
from engine.graph import index_recall
from engine.graph.lists import recommendations
from engine.graph.lists.recommendations import Question
from engine.store.graph_client import GraphClient
from engine.store.statements import catalogue
from engine.usecases.recommending import recommend_all

from ..terminal import invoked

RULE = {
    "exclude_seen": True,
    "seen_since": None,
    "seen_events": None,
    "shown_since": None,
    "filters": {},
    "conditions": [],
    "facts": [],
    "block": [],
    "only": None,
    "now": 0,
    "whole": False,
    "generation": None,
    "pinned": None,
    "until": None,
}
"""The exclusion rule's parameters, as the files' headers name them."""


@pytest.fixture(scope="module")
def graph(graph_of_file: GraphClient) -> GraphClient:
    """One graph for all tests here."""
    return graph_of_file


@pytest.fixture(scope="module")
def shop_of_file(open_shop_of_file: Callable[[int], Any]) -> Any:
    shop = open_shop_of_file(1000)
    shop.publish()
    return shop


@pytest.fixture
def shop(restored_shop: Any) -> Any:
    return restored_shop


def _run(driver: neo4j.Driver, text: str, **params: object) -> list[dict[str, object]]:
    with driver.session() as session:
        return session.run(text, params).data()  # type: ignore[arg-type]


def _placed(items: Any) -> list[dict[str, object]]:
    return [{"position": position, **item} for position, item in enumerate(items, 1)]


def _ids(graph: GraphClient, user: str, question: Question) -> list[str]:
    return [item.id for item in recommendations.for_users(graph, [user], question)[0].items]


def _expected(shop: Any, driver: neo4j.Driver, user: str) -> dict[str, float]:
    """The documented formula, in NumPy."""
    trained = shop.trained
    row = trained.users.index_of(user)
    assert row is not None
    scores = index_recall.unit(trained.item_vectors) @ index_recall.unit(trained.user_vectors)[row]
    degrees = _run(driver, "MATCH (i:Item) RETURN i.id AS id, COUNT {(i)<--()} AS n")
    counts = {str(one["id"]): int(str(one["n"])) for one in degrees}
    most = max(counts.values())
    total = {
        id_: float(scores[at]) + trained.popularity_weight * (counts[id_] / most) ** (1 / 3)
        for at, id_ in enumerate(trained.items.ids)
    }
    repeats: dict[str, float] = {}
    for one in _run(
        driver, "MATCH (:User {id: $u})-[r]->(i) RETURN i.id AS id, r.at AS at", u=user
    ):
        days = (shop.newest - int(str(one["at"]))) / 86_400_000
        id_ = str(one["id"])
        repeats[id_] = repeats.get(id_, 0.0) + 2 ** (-days / trained.half_life_days)
    for id_, c in repeats.items():
        total[id_] += trained.again_weight * c / (1 + c)
    return total


def test_the_score_is_the_documented_formula(
    shop: Any, graph: GraphClient, bare_driver: neo4j.Driver
) -> None:
    for user in ("u1", "u7", "u29"):
        question = Question(k=20, exclude_seen=False)
        found = recommendations.for_users(graph, [user], question)[0]
        expected = _expected(shop, bare_driver, user)
        best = sorted(expected, key=lambda id_, by=expected: -by[id_])[:20]
        assert len({item.id for item in found.items} & set(best)) >= 19
        for item in found.items:
            assert item.score == pytest.approx(expected[item.id], abs=1e-4)


@pytest.mark.usefixtures("on_server")
def test_the_bare_driver_gives_the_answer_of_the_command_line(
    shop: Any, bare_driver: neo4j.Driver
) -> None:
    assert shop.settings.neo4j_uri
    arguments = ["recommend", "u3", "-k", "5", "--where", "kind=common", "--json"]
    done = invoked(*arguments)
    text = catalogue()["recommend/for_users"].text
    given = RULE | {"filters": {"kind": ["common"]}, "made": {}, "made_for": None}
    row = _run(bare_driver, text, users=["u3"], k=5, **given)[0]
    assert json.loads(done.stdout)["items"] == _placed(row["items"])
    assert len(json.loads(done.stdout)["items"]) == 5

    similar = invoked("similar", "i3", "-k", "5", "--json")
    text = catalogue()["recommend/similar_items"].text
    row = _run(bare_driver, text, item="i3", user=None, k=5, **RULE)[0]
    assert json.loads(similar.stdout)["items"] == _placed(row["items"])


def test_the_exclusion_rule_holds_on_every_path(
    shop: Any, graph: GraphClient, bare_driver: neo4j.Driver
) -> None:
    now = 5_000
    best = _ids(graph, "u2", Question(k=9, now=now))
    popular = _ids(graph, "nobody", Question(k=9, now=now))
    like = [item.id for item in recommendations.similar_items(graph, "i3", Question(k=9)).items]
    mark = "MATCH (i:Item) WHERE i.id IN $ids SET i.hidden = true"
    _run(bare_driver, mark, ids=[best[0], popular[0], like[0]])
    mark = "MATCH (i:Item) WHERE i.id IN $ids SET i.expires_at = $at"
    _run(bare_driver, mark, ids=[best[1], popular[1], like[1]], at=now - 1)
    _run(bare_driver, mark, ids=[best[2], popular[2]], at=now + 1)
    seen = "MATCH (u:User {id: 'u2'}), (i:Item {id: $id}) CREATE (u)-[:INTERACTED {key: -1}]->(i)"
    _run(bare_driver, seen, id=like[3])

    for filters in ({}, {"kind": ["rare", "common"]}):
        for k in (9, 900):  # 900 takes the pass over the whole catalogue
            question = Question(k=k, now=now, filters=filters)
            listed = _ids(graph, "u2", question)
            assert not {best[0], best[1], like[3]} & set(listed)
            assert best[2] in listed
            listed = _ids(graph, "nobody", question)
            assert not set(popular[:2]) & set(listed)
            assert popular[2] in listed
            similar = recommendations.similar_items(graph, "i3", question, "u2")
            assert not {like[0], like[1], like[3], "i3"} & {item.id for item in similar.items}


def test_five_hundred_seen_items_and_a_narrow_filter_leave_k(
    shop: Any, graph: GraphClient, bare_driver: neo4j.Driver
) -> None:
    near = _ids(graph, "u5", Question(k=500))
    _run(
        bare_driver,
        "MATCH (u:User {id: 'u5'}) UNWIND range(0, 499) AS n MATCH (i:Item {id: $ids[n]}) "
        "CREATE (u)-[:INTERACTED {key: -1 - n}]->(i)",
        ids=near,
    )
    after = _ids(graph, "u5", Question(k=10))
    assert len(after) == 10
    assert not set(after) & set(near)
    trained = shop.trained
    rare = {id_ for at, id_ in enumerate(trained.items.ids) if at % 100 == 7}
    found = _ids(graph, "u9", Question(k=8, filters={"kind": ["rare"]}, exclude_seen=False))
    assert len(found) == 8
    assert set(found) <= rare
    expected = _expected(shop, bare_driver, "u9")
    assert found == sorted(rare, key=lambda id_: -expected[id_])[:8]


def test_a_list_that_must_be_short_says_so(shop: Any, graph: GraphClient) -> None:
    assert shop.trained.popularity_weight
    question = Question(k=50, filters={"kind": ["rare"]})
    found = recommendations.for_users(graph, ["u1"], question)[0]
    assert len(found.items) <= 10
    assert found.short
    assert "Only" in (found.note() or "")
    none = recommendations.for_users(graph, ["u1"], Question(filters={"kind": ["no such"]}))[0]
    assert (none.items, none.short) == ((), True)


def test_unknown_and_new_users_get_what_is_popular(
    shop: Any, graph: GraphClient, bare_driver: neo4j.Driver
) -> None:
    _run(bare_driver, "CREATE (:User {id: 'new'})")
    degrees = "MATCH (i:Item) RETURN i.id AS id ORDER BY COUNT {(i)<--()} DESC, id LIMIT 6"
    popular = [one["id"] for one in _run(bare_driver, degrees)]
    lists = recommendations.for_users(graph, ["nobody", "new", "u1"], Question(k=6))
    assert [one.basis.served for one in lists] == ["unknown-user", "no-embedding", "embedding"]
    for one in lists[:2]:
        assert [item.id for item in one.items] == popular
        assert {item.source for item in one.items} == {"popular"}
        assert one.fallback
    assert shop.settings


def test_hostile_texts_are_literal(shop: Any, graph: GraphClient) -> None:
    for text in ("' OR 1=1 //", "`) DETACH DELETE n //", "\\u0027", "$x", "{}"):
        assert (
            recommendations.for_users(graph, [text], Question())[0].basis.served == "unknown-user"
        )
        assert _ids(graph, "u1", Question(filters={text: [text]})) == []
        with pytest.raises(NotFound):
            recommendations.similar_items(graph, text, Question())
    assert len(shop.trained.users) == 30


def test_every_user_into_a_file(shop: Any, graph: GraphClient, tmp_path: Path) -> None:
    out = tmp_path / "recs.parquet"
    exported = recommend_all(shop.settings, out, Question(k=4))
    rows = pyarrow.parquet.read_table(out).to_pylist()
    assert (exported.users, exported.rows) == (30, 120)
    own = [row["item"] for row in rows if row["user"] == "u3"]
    assert own == _ids(graph, "u3", Question(k=4))

"""The options every list takes: what excludes, what arranges, what fills in, what is blended."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from engine.answering.answers import recommend, similar
from engine.answering.sources import Sources
from engine.errors import NotFound, UsageError
from engine.graph.lists.question import Arrangement, Boost, Question
from engine.graph.lists.recommendations import RecommendationList
from engine.publishing.item_graphs import BuildRequest, build
from engine.store.graph_client import GraphClient

from ..terminal import invoked

Run = Callable[..., list[dict[str, Any]]]
Ask = Callable[[GraphClient, Question], RecommendationList]
DAY = 86_400_000
USER = "u7"
_ADDED = -7
"""Key of the event that a test adds."""


def _by(source: Any) -> Ask:
    sources = Sources(source, likes=("i3", "i50"))
    return lambda graph, question: recommend(graph, USER, question, sources)


def _like(by: Any) -> Ask:
    return lambda graph, question: similar(graph, "i7", question, USER, by)


LISTS: dict[str, Ask] = {
    **{
        name: _by(name)
        for name in ("for-you", "because", "next", "people", "friends", "trending", "popular")
    },
    "likes": _by("likes"),
    **{f"similar-{by}": _like(by) for by in ("embedding", "bought-together", "next", "attributes")},
}
every_list = pytest.mark.parametrize("ask", LISTS.values(), ids=LISTS)


@pytest.fixture(scope="module")
def graph(graph_of_file: GraphClient) -> GraphClient:
    """One graph for all tests here."""
    return graph_of_file


@pytest.fixture(scope="module", name="_shop")
def _shop_of_file(
    open_shop_of_file: Callable[[int], Any], graph: GraphClient, bare_run: Run
) -> Any:
    run, shop = bare_run, open_shop_of_file(60)
    run(
        "MATCH (a:User {id: 'u7'}), (b:User) WHERE b.id IN ['u8', 'u9', 'u11'] "
        "CREATE (a)-[:TRUSTS {key: b.id}]->(b)"
    )
    run(
        "UNWIND range(0, 2) AS n MERGE (e:Entity:Taste {key: 'Taste:t' + toString(n)}) "
        "SET e.id = 't' + toString(n)"
    )
    run(
        "MATCH (i:Item) WITH i, toInteger(substring(i.id, 1)) % 3 AS n "
        "MATCH (e:Entity {key: 'Taste:t' + toString(n)}) CREATE (i)-[:TASTES {key: i.id}]->(e) "
        "SET i.shelf = n"
    )
    # Lately everybody else looked at ten items, i7 among the first.
    run(
        "MATCH (u:User) WHERE u.id <> 'u7' WITH u, toInteger(substring(u.id, 1)) AS n "
        "UNWIND range(0, 9) AS step WITH u, n, step, "
        "CASE step WHEN 0 THEN 'i7' ELSE 'i' + toString((7 * step + n) % 60) END AS id "
        "MATCH (i:Item {id: id}) CREATE (u)-[:INTERACTED {key: -1000 * (n + 1) - step, "
        "event: 'view', weight: 1.0, batch: 1, "
        "basket: toString(n * 10 + step), at: $newest + step}]->(i)",
        newest=shop.newest,
    )
    build(graph, BuildRequest("co-occurrence", unit="user", min_count=1))
    build(graph, BuildRequest("sequential", window=10))
    shop.publish()
    return shop


@pytest.fixture
def shop(_shop: Any, bare_run: Run) -> Iterator[Any]:
    """A shop in which every list of u7 holds at least five items."""
    yield _shop
    bare_run("MATCH (i:Item) REMOVE i.hidden, i.expires_at")
    bare_run("MATCH ()-[r:INTERACTED {key: $key}]->() DELETE r", key=_ADDED)
    bare_run("MATCH (u:User {id: 'new'}) DELETE u")


def _ids(found: RecommendationList) -> list[str]:
    return [item.id for item in found.items]


def _where(run: Run, text: str) -> set[str]:
    return {row["id"] for row in run(f"MATCH (i:Item) {text} RETURN i.id AS id")}


@every_list
def test_what_excludes_holds_in_every_list(
    ask: Ask, shop: Any, graph: GraphClient, run: Run
) -> None:
    assert shop
    plain = _ids(ask(graph, Question(k=60)))
    assert len(set(plain)) == len(plain) >= 5
    seen = _where(run, "WHERE EXISTS { (:User {id: 'u7'})-[:INTERACTED]->(i) }")
    assert not seen & set(plain)

    assert set(_ids(ask(graph, Question(k=60, block=tuple(plain[:2]))))) == set(plain[2:])
    chosen = (*plain[1:4], "no such")
    for limited in (Question(k=60, allow=chosen), Question(k=60, candidates=chosen)):
        assert set(_ids(ask(graph, limited))) == set(plain[1:4])
    both = Question(k=60, allow=tuple(plain[:3]), candidates=tuple(plain[2:5]))
    assert _ids(ask(graph, both)) == [plain[2]]
    assert _ids(ask(graph, Question(k=60, allow=()))) == []

    shelf = _where(run, "WHERE i.shelf = 1")
    tasty = Question(k=60, facts={"Taste": ["t1", "no such"]})
    for narrow in (tasty, Question(k=60, filters={"shelf": ["1"]})):
        assert set(_ids(ask(graph, narrow))) == set(plain) & shelf
    assert _ids(ask(graph, replace(tasty, facts={"Taste": ["t1"], "Brand": ["x"]}))) == []

    run("MATCH (i:Item {id: $id}) SET i.hidden = true", id=plain[0])
    run("MATCH (i:Item {id: $id}) SET i.expires_at = 5", id=plain[1])
    assert set(_ids(ask(graph, Question(k=60)))) == set(plain[2:])


@every_list
def test_what_was_seen_long_ago_or_otherwise_may_come_again(
    ask: Ask, shop: Any, graph: GraphClient, run: Run
) -> None:
    old = _ids(ask(graph, Question(k=60)))[0]
    run(
        "MATCH (u:User {id: 'u7'}), (i:Item {id: $id}) CREATE (u)-[:INTERACTED "
        "{key: $key, event: 'view', weight: 1.0, batch: 1, at: $at}]->(i)",
        key=_ADDED,
        id=old,
        at=shop.newest - 30 * DAY,
    )
    now = shop.newest
    assert old not in _ids(ask(graph, Question(k=60, now=now)))
    assert old not in _ids(ask(graph, Question(k=60, now=now, seen_days=40)))
    assert old in _ids(ask(graph, Question(k=60, now=now, seen_days=20)))
    assert old in _ids(ask(graph, Question(k=60, now=now, seen_events=("buy",))))
    assert old in _ids(ask(graph, Question(k=60, exclude_seen=False)))


@every_list
def test_what_arranges_holds_in_every_list(ask: Ask, shop: Any, graph: GraphClient) -> None:
    plain = _ids(ask(graph, Question(k=60)))
    last = plain[-1]

    def arranged(**how: Any) -> list[str]:
        return _ids(ask(graph, Question(k=5, arrangement=Arrangement(**how))))

    assert arranged(pins=("no such", last)) == [last, *[one for one in plain if one != last][:4]]
    # One that the user has seen is not pinned either.
    assert "i0" not in arranged(pins=("i0",))
    assert arranged(boosts=(Boost(1_000.0, last),))[0] == last
    for trait in ("shelf", "Taste"):
        found = arranged(at_most=(trait, 1))
        assert len(found) == len({int(id_[1:]) % 3 for id_ in found})
    value = str(int(last[1:]) % 3)
    first = arranged(boosts=(Boost(1_000.0, value, "shelf"), Boost(0.0, "t9", "Taste")))[0]
    assert int(first[1:]) % 3 == int(value)
    assert arranged(mmr=1.0) == plain[:5]
    assert len(set(arranged(mmr=0.2))) == 5
    assert set(arranged(damping=0.5)) <= set(plain)


def test_diversity_lowers_likeness_and_keeps_the_best(shop: Any, graph: GraphClient) -> None:
    import numpy as np

    vectors = shop.trained.item_vectors / np.linalg.norm(
        shop.trained.item_vectors, axis=1, keepdims=True
    )

    def likeness(share: float) -> tuple[str, float]:
        question = Question(k=8, arrangement=Arrangement(mmr=share))
        ids = _ids(recommend(graph, USER, question))
        rows = vectors[[int(id_[1:]) for id_ in ids]]
        return ids[0], float((rows @ rows.T).sum() - len(ids))

    first, alike = likeness(1.0)
    other, unlike = likeness(0.3)
    assert first == other
    assert unlike < alike


def test_damping_brings_up_what_few_have(shop: Any, graph: GraphClient, run: Run) -> None:
    assert shop
    counts = {
        row["id"]: row["n"]
        for row in run("MATCH (i:Item) RETURN i.id AS id, COUNT {(i)<--()} AS n")
    }

    def events(damping: float) -> int:
        question = Question(k=10, arrangement=Arrangement(damping=damping))
        return sum(counts[id_] for id_ in _ids(recommend(graph, USER, question)))

    assert events(1.0) < events(0.5) < events(0.0)


def test_two_lists_are_blended_by_rank(shop: Any, graph: GraphClient) -> None:
    assert shop
    many = Question(k=200)
    left = _ids(recommend(graph, USER, many))
    right = _ids(recommend(graph, USER, many, Sources("trending")))
    scores: dict[str, float] = {}
    for ids in (left, right):
        for rank, id_ in enumerate(ids, start=1):
            scores[id_] = scores.get(id_, 0.0) + 1 / (60 + rank)
    best = sorted(scores, key=lambda id_: (-scores[id_], id_))[:10]
    found = recommend(graph, USER, Question(), Sources("for-you", blend="trending"))
    assert _ids(found) == best
    assert [item.score for item in found.items] == pytest.approx([scores[id_] for id_ in best])
    alone = recommend(graph, USER, Question(), Sources("for-you", blend="likes", likes=("x",)))
    assert "no Item 'x'" in (alone.note() or "")
    assert _ids(alone) == left[:10]


def test_lists_fill_in_and_the_answer_says_why(shop: Any, graph: GraphClient, run: Run) -> None:
    assert shop
    run("CREATE (:User {id: 'new'})")
    sources = Sources("people", fallback=("because", "trending", "popular"))
    found = recommend(graph, "new", Question(k=30), sources)
    assert len(found.items) == 30
    said = found.note() or ""
    assert "because: no item that new used has a vector in service." in said
    assert "0 of 30 found: because fills in." in said
    assert {item.source for item in found.items} <= {"trending", "popular"}
    assert len(set(_ids(found))) == 30
    assert found.as_dict()["reasons"] == found.reasons

    # Popularity that stands in for a model gives way to what the caller named.
    unknown = recommend(graph, "nobody", Question(k=3), Sources(fallback=("trending",)))
    assert {item.source for item in unknown.items} == {"trending"}
    assert "Unknown user nobody" in unknown.reasons[0]
    full = recommend(graph, USER, Question(k=3), Sources(fallback=("trending",)))
    assert full.reasons == ()
    with pytest.raises(NotFound, match="friends: there is no user nobody"):
        recommend(graph, "nobody", Question(), Sources("friends", fallback=("because",)))


def test_wrong_lists_are_named() -> None:
    with pytest.raises(UsageError, match="by must be one of"):
        Sources("magic")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"fallback must be one of .* not .magic"):
        Sources(fallback=("magic",))  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="another list"):
        Sources("next", blend="next")
    with pytest.raises(UsageError, match="at most 5"):
        Sources(fallback=("popular",) * 6)


@pytest.mark.usefixtures("on_server")
def test_the_command_takes_every_option(shop: Any, graph: GraphClient) -> None:
    def engine(*arguments: str) -> Any:
        return invoked(*arguments, "--json")

    plain = _ids(recommend(graph, USER, Question(k=10)))
    only = shop.folder / "only.txt"
    only.write_text("\n".join(plain[:6]) + "\n")
    options = ["-k", "5", "--allow", f"@{only}", "--block", plain[0], "--pin", plain[5]]
    options += ["--boost", f"{plain[4]}=1000", "--boost", "shelf:9=0.5", "--at-most", "shelf=9"]
    options += ["--mmr", "1", "--damping", "0.01", "--fact", "Taste=t0", "--fact", "Taste=t1"]
    options += ["--fact", "Taste=t2", "--seen-days", "30000", "--seen-event", "buy"]
    options += ["--seen-event", "view", "--where", "kind=common", "--candidate", f"@{only}"]
    answer = json.loads(engine("recommend", USER, *options).stdout)
    assert [item["id"] for item in answer["items"]][:2] == [plain[5], plain[4]]
    assert len(answer["items"]) == 5
    similar = json.loads(engine("similar", "i7", *options[:6], "--return", "kind").stdout)
    assert {item["id"] for item in similar["items"]} == set(plain[1:6])
    assert {item["attributes"]["kind"] for item in similar["items"]} == {"common"}
    table = invoked("recommend", USER, "--where", "kind=common", "--return", "kind").stdout
    assert " kind" in table.splitlines()[1]
    assert table.count("common") == 10

"""Lists by the ranker in service: whole, in order, by every rule, and of one generation."""

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine.answering import answers, export, users_and_reasons
from engine.answering.sources import Sources, recommend
from engine.graph import census, stored_generations, stored_rankers
from engine.graph.lists import ranked, recommendations
from engine.graph.lists.question import Arrangement, Boost, Question
from engine.graph.lists.ranked import warm_plan
from engine.graph.lists.recommendations import RecommendationList
from engine.publishing.generation_health import why_unservable
from engine.ranking.ranker import Ranker
from engine.store.graph_client import GraphClient, Idents, Neo4jTarget, Row
from engine.store.pinned_client import PinnedClient
from engine.usecases import generations

from ..sample import NEWEST, untrained
from ..terminal import engine
from . import ranked_shop
from .conftest import N_USERS
from .ranked_shop import DAY, N_ITEMS, QUIET, Run

RANKED, PLAIN = 1, 2
"""Generations: the first has a ranker, the second has none and other vectors."""
EVERY = Question(k=1_000, exclude_seen=False)


class CountingClient(GraphClient):
    """A client that notes the statements it is asked."""

    def __init__(self, target: Neo4jTarget) -> None:
        self.asked: list[str] = []
        super().__init__(target)

    def read(self, name: str, *given: Any, **params: Any) -> list[Row]:
        """Note the name and read."""
        self.asked.append(name)
        return super().read(name, *given, **params)

    def ask(self, name: str, idents: Idents = None, **given: Any) -> list[Row]:
        """Note the name and ask."""
        self.asked.append(name)
        return super().ask(name, idents, **given)


@pytest.fixture(scope="module")
def graph(graph_of_file: GraphClient) -> GraphClient:
    """One graph for all tests here."""
    return graph_of_file


@pytest.fixture(scope="module")
def shop_of_file(open_shop_of_file: Callable[[int], Any], graph: GraphClient, bare_run: Run) -> Any:
    """A shop of two generations, the first of which has a ranker."""
    shop = open_shop_of_file(N_ITEMS)
    bare_run("MATCH ()-[event:INTERACTED]->() DELETE event")
    ranked_shop.load(bare_run, ranked_shop.events())
    bare_run(
        "MATCH (i:Item) WHERE i.id IN ['i3', 'i4', 'i90'] MERGE (c:Entity {key: 'Shelf:top'}) "
        "CREATE (i)-[:STANDS_ON]->(c)"
    )
    shop.publish()
    ranker = ranked_shop.teach(graph, RANKED)
    bare_run("MATCH (g:Generation {number: 1}) SET g.ranker = $it", it=ranker.digest)
    other = untrained(N_USERS, N_ITEMS, seed=9)
    shop.publish(user_vectors=other.user_vectors, item_vectors=other.item_vectors)
    generations.promote(shop.settings, RANKED)
    return shop


@pytest.fixture
def shop(restored_shop: Any) -> Any:
    """The shop, its ranker in service."""
    generations.promote(restored_shop.settings, RANKED)
    return restored_shop


def _one(graph: GraphClient, user: str, question: Question) -> RecommendationList:
    return ranked.for_users(graph, [user], question)[0]


def _ids(found: RecommendationList) -> list[str]:
    return [item.id for item in found.items]


def test_a_list_is_the_rankers_and_behind_it_everything_else(
    shop: Any, graph: GraphClient, bare_run: Run
) -> None:
    short, whole = _one(graph, "u3", replace(EVERY, k=5)), _one(graph, "u3", EVERY)
    assert (short.generation, short.basis.served, short.note()) == (RANKED, "ranked", None)
    assert whole.items[:5] == short.items
    assert len(whole.items) == len(set(_ids(whole))) == N_ITEMS
    scores = [item.score for item in whole.items]
    assert all(one >= other for one, other in pairwise(scores))
    candidates = sum(score > 1 for score in scores)
    assert 80 <= candidates < N_ITEMS
    assert all(0 < score < 2 for score in scores)
    assert short.items[0].source == "again"  # repeats are what it was taught
    assert short.items[0].name == f"Item {short.items[0].id[1:]}"
    sources = {item.source for item in whole.items[:candidates]}
    assert sources == {"again", "bought-together", "next", "people", "embedding", "popular"}
    behind = _ids(recommendations.for_users(graph, ["u3"], EVERY)[0])
    assert _ids(whole)[candidates:] == [id_ for id_ in behind if id_ in _ids(whole)[candidates:]]
    assert shop.settings
    # A list of the past knows nothing of what came later.
    bare_run(
        "MATCH (u:User {id: 'u3'}), (i:Item {id: $last}) UNWIND range(1, 9) AS n CREATE (u)"
        "-[:INTERACTED {key: -n, event: 'buy', weight: 1.0, batch: 9, at: $at}]->(i)",
        last=short.items[-1].id,
        at=NEWEST + DAY,
    )
    past = PinnedClient(graph, RANKED)
    past.until = NEWEST
    assert _ids(_one(past, "u3", replace(EVERY, k=5))) == _ids(short)
    assert _ids(_one(graph, "u3", replace(EVERY, k=5))) != _ids(short)


RULES = {
    "everything": {"exclude_seen": False},
    "new items only": {},
    "seen long ago": {"seen_days": 10.0, "now": NEWEST},
    "seen in one way": {"seen_events": ("buy",)},
    "an attribute": {"filters": {"kind": ["rare"]}},
    "a fact": {"facts": {"Shelf": ["top"]}, "exclude_seen": False},
    "blocked": {"block": ("i1", "i2", "i3"), "exclude_seen": False},
    "allowed": {"allow": ("i1", "i2", "i140"), "exclude_seen": False},
    "candidates": {"candidates": ("i149", "i2", "no such"), "exclude_seen": False},
    "expired later": {"now": NEWEST, "exclude_seen": False},
}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_shows_what_the_list_without_a_ranker_shows(
    shop: Any, graph: GraphClient, bare_run: Run, rule: str
) -> None:
    assert shop.settings
    bare_run("MATCH (i:Item {id: 'i5'}) SET i.hidden = true")
    bare_run("MATCH (i:Item {id: 'i6'}) SET i.expires_at = $at", at=NEWEST + DAY)
    question = Question(k=1_000, **RULES[rule])  # type: ignore[arg-type]
    users = ["u2", "u3", "u4"]
    plain = recommendations.for_users(graph, users, question)
    for with_it, without in zip(ranked.for_users(graph, users, question), plain, strict=True):
        assert sorted(_ids(with_it)) == sorted(_ids(without))
        assert "i5" not in _ids(with_it)
        assert ("i6" in _ids(with_it)) == ("now" in RULES[rule])
        few = ranked.for_users(graph, [with_it.subject], replace(question, k=2))[0]
        assert few.items == with_it.items[:2]
    assert any(one.items[0].score > 1 for one in ranked.for_users(graph, users, question))


def test_whom_nothing_is_known_of_gets_the_list_without_a_ranker(
    shop: Any, graph: GraphClient
) -> None:
    users = ["u3", "nobody", QUIET, "u4", "u3"]
    question = Question(k=7)
    found = ranked.for_users(graph, users, question)
    assert [one.subject for one in found] == users
    assert [one.basis.served for one in found] == [
        "ranked",
        "unknown-user",
        "embedding",
        "ranked",
        "ranked",
    ]
    assert found[1:3] == recommendations.for_users(graph, users[1:3], question)
    assert [_one(graph, user, question) for user in users] == found
    assert ranked.for_users(graph, [], question) == []
    assert shop.settings


def test_a_list_costs_one_query(shop: Any, neo4j_target: Neo4jTarget) -> None:
    with CountingClient(neo4j_target) as client:
        for number, expected in ((RANKED, "candidates"), (PLAIN, "for_users")):
            generations.promote(shop.settings, number)
            ranked.for_users(client, ["u3", "u4"], Question(k=5))
            client.asked.clear()
            ranked.for_users(client, ["u3", "u4"], Question(k=5))
            assert client.asked == [f"recommend/{expected}"]


def test_the_generation_in_service_decides_at_once(shop: Any, graph: GraphClient) -> None:
    question = Question(k=5)
    first = _one(graph, "u3", question)
    generations.promote(shop.settings, PLAIN)
    second = _one(graph, "u3", question)
    assert second == recommendations.for_users(graph, ["u3"], question)[0]
    assert (second.generation, second.basis.served) == (PLAIN, "embedding")
    assert answers.why(graph, "u3", first.items[0].id, 1).why.ranked == ()
    generations.promote(shop.settings, RANKED)
    assert _one(graph, "u3", question) == first
    assert answers.why(graph, "u3", first.items[0].id, 1).why.ranked
    generations.promote(shop.settings, PLAIN)
    ranked.for_users(graph, ["u3"], question)
    generations.promote(shop.settings, RANKED)  # a reason is asked for before any list
    assert answers.why(graph, "u3", first.items[0].id, 1).why.ranked


def test_a_restored_graph_of_the_same_number_is_noticed(
    shop: Any, graph: GraphClient, bare_run: Run, neo4j_target: Neo4jTarget
) -> None:
    """Numbers of generations tell nothing to who has seen another graph, or this one before."""
    question = Question(k=5)
    first = _one(graph, "u3", question)
    bare_run("MATCH (:Generation)-[ranks:RANKS_BY]->(r) DELETE ranks SET r.lost = true")
    assert _one(graph, "u3", question) == recommendations.for_users(graph, ["u3"], question)[0]
    found_again = "MATCH (g:Generation {number: 1}), (r {lost: true}) CREATE (g)-[:RANKS_BY]->(r)"
    bare_run(found_again)
    assert _one(graph, "u3", question) == first
    ranked_shop.teach(graph, RANKED, settings=replace(ranked_shop.SETTINGS, trees=3, leaves=2))
    with GraphClient(neo4j_target) as another:
        expected = _one(another, "u3", question)
    assert _one(graph, "u3", question) == expected != first
    assert shop.settings


def test_no_answer_mixes_two_generations(shop: Any, graph: GraphClient) -> None:
    expected: dict[int | None, list[RecommendationList]] = {}
    users = ["u3", "nobody", "u4"]
    for number in (PLAIN, RANKED):
        generations.promote(shop.settings, number)
        expected[number] = ranked.for_users(graph, users, EVERY)
    why = stored_generations.MoveReason("promote", "test", "to and fro")
    with ThreadPoolExecutor(3) as pool:
        for n in range(20):
            asked = [pool.submit(ranked.for_users, graph, users, EVERY) for _ in range(3)]
            stored_generations.promote(graph, (PLAIN, RANKED)[n % 2], why)
            for found in (one.result() for one in asked):
                assert found == expected[found[0].generation]


def test_every_option_of_a_list_works_on_ranked_ones(shop: Any, graph: GraphClient) -> None:
    assert shop.settings
    plain = recommend(graph, "u3", Question(k=5))
    assert plain.basis.served == "ranked"
    pinned = Question(k=5, arrangement=Arrangement(pins=("i149",), mmr=0.7))
    assert _ids(recommend(graph, "u3", pinned))[0] == "i149"
    last = plain.items[-1].id
    boosts = (Boost(1_000.0, last),)
    boosted = recommend(graph, "u3", Question(k=5, arrangement=Arrangement(boosts=boosts)))
    assert _ids(boosted)[0] == last
    blended = recommend(graph, "u3", Question(k=5), Sources(blend="popular"))
    assert set(_ids(blended)) - set(_ids(plain))
    assert blended.basis.served == "ranked"
    nobody = recommend(graph, "nobody", Question(k=5), Sources(fallback=("popular",)))
    assert nobody.basis.served == "popular"


@pytest.mark.usefixtures("on_server")
def test_an_explanation_says_what_the_ranker_goes_by(shop: Any, graph: GraphClient) -> None:
    assert shop.settings
    first = _one(graph, "u3", replace(EVERY, k=1)).items[0].id
    found = users_and_reasons.explain(graph, "u3", first)
    assert found.evidence.bought
    assert any(words.startswith("bought ") for words in found.ranked)
    assert users_and_reasons.reason(graph, "u3", first) == found.ranked[0]
    assert f"Ranked by: {'; '.join(found.ranked)}." in engine("explain", "u3", first)
    told = json.loads(engine("explain", "u3", first, "--json"))
    assert told["ranked"] == list(found.ranked)
    last = _one(graph, "u3", EVERY).items[-1].id  # no source names it
    assert users_and_reasons.explain(graph, "u3", last).ranked == ()


def test_all_lists_are_those_of_single_users(shop: Any, graph: GraphClient, tmp_path: Path) -> None:
    assert shop.settings
    done = export.recommend_all(graph, tmp_path / "lists.parquet", Question(k=4))
    rows = pl.read_parquet(tmp_path / "lists.parquet")
    assert (done.users, done.rows, done.generation) == (N_USERS, 4 * N_USERS, RANKED)
    assert rows.filter(pl.col("basis") == "ranked")["user"].n_unique() == N_USERS - 1
    assert rows.filter(pl.col("user") == "u3")["item"].to_list() == _ids(
        _one(graph, "u3", Question(k=4))
    )


def test_a_damaged_ranker_cannot_be_promoted_and_does_not_stop_service(
    shop: Any, graph: GraphClient, bare_run: Run, neo4j_target: Neo4jTarget, caplog: Any
) -> None:
    def fault() -> str | None:
        one = next(o for o in stored_generations.generations(graph) if o.number == RANKED)
        assert "text" not in one.settings
        return why_unservable(graph, one)

    assert fault() is None
    bare_run("MATCH (r:Ranker) SET r.text = r.text + ' '")
    assert "SHA-256" in (fault() or "")
    with (
        caplog.at_level(logging.WARNING),
        GraphClient(neo4j_target) as client,
    ):
        assert _one(client, "u3", Question(k=5)).basis.served == "embedding"
        assert _one(client, "u3", Question(k=5)).basis.served == "embedding"
    said = [one.getMessage() for one in caplog.records if "without its ranker" in one.getMessage()]
    assert len(said) == 1
    stored = bare_run("MATCH (r:Ranker) RETURN r.text AS text")[0]["text"]
    other = Ranker(stored + "\n")
    set_both = "MATCH (r:Ranker) SET r.text = $trees, r.sha256 = $digest"
    bare_run(set_both, trees=other.text, digest=other.digest)
    assert "another one" in (fault() or "")
    bare_run("MATCH (:Generation)-[ranks:RANKS_BY]->(:Ranker) DELETE ranks")
    assert fault() == "its ranker is gone"


def test_a_ranker_is_no_fact_and_goes_with_its_generation(
    shop: Any, graph: GraphClient, bare_run: Run
) -> None:
    facts = census.count(graph).facts
    ranker = stored_rankers.read(graph, RANKED)
    assert ranker is not None
    generations.promote(shop.settings, PLAIN)
    stored_rankers.write(graph, PLAIN, ranker)
    again = stored_rankers.read(graph, PLAIN)
    assert again is not None
    assert again.digest == ranker.digest
    assert census.count(graph).facts == facts
    warm_plan(graph, PLAIN)
    bare_run("CREATE (:Generation {number: 99, state: 'candidate'})")
    stored_rankers.write(graph, 99, ranker)
    stored_generations.remove(graph, 99)
    numbers = "MATCH (g)-[:RANKS_BY]->(r:Ranker) RETURN g.number AS number ORDER BY number"
    assert [row["number"] for row in bare_run(numbers)] == [RANKED, PLAIN]
    assert bare_run("MATCH (r:Ranker) RETURN count(r) AS n") == [{"n": 2}]

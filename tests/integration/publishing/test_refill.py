"""A list that ranks every item is filled from the whole catalogue where the nearest are too few."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.answering.answers import recommend, similar
from engine.answering.sources import Sources
from engine.graph import index_recall
from engine.graph.lists.question import Question
from engine.graph.lists.recommendations import RecommendationList
from engine.store.graph_client import GraphClient

Run = Callable[..., list[dict[str, Any]]]
DAY = 86_400_000
USER, NEAREST = "u9", 60


def _because(graph: GraphClient, question: Question) -> RecommendationList:
    return recommend(graph, USER, question, Sources("because"))


def _likes(graph: GraphClient, question: Question) -> RecommendationList:
    return recommend(graph, USER, question, Sources("likes", likes=("i9",)))


LISTS: dict[str, Callable[[GraphClient, Question], RecommendationList]] = {
    "for-you": lambda graph, question: recommend(graph, USER, question),
    "because": _because,
    "likes": _likes,
    "similar": lambda graph, question: similar(graph, "i9", question, USER),
}


@pytest.fixture(scope="module")
def graph(graph_of_file: GraphClient) -> GraphClient:
    """One graph for all tests here, which change nothing."""
    return graph_of_file


@pytest.fixture(scope="module")
def shop(open_shop_of_file: Callable[[int], Any], graph: GraphClient, bare_run: Run) -> Any:
    """A catalogue in which the user has had whatever is near to the vectors it is asked by."""
    assert graph.server.version
    run, shop = bare_run, open_shop_of_file(300)
    shop.publish()
    vectors = index_recall.unit(shop.trained.item_vectors)
    user = index_recall.unit(shop.trained.user_vectors)[int(USER[1:])]
    own = run("MATCH (:User {id: $u})-->(i:Item) RETURN DISTINCT i.id AS id", u=USER)
    asked_by = np.vstack((vectors[[int(row["id"][1:]) for row in own]], user))
    near = np.unique(np.argsort(-asked_by @ vectors.T, axis=1)[:, :NEAREST])
    run(
        "MATCH (u:User {id: $u}) UNWIND range(0, size($ids) - 1) AS n "
        "MATCH (i:Item {id: $ids[n]}) CREATE (u)-[:INTERACTED "
        "{key: -1 - n, event: 'view', weight: 1.0, batch: 0, at: $at}]->(i)",
        u=USER,
        ids=[f"i{row}" for row in near],
        at=shop.newest - 1_000 * DAY,
    )
    return shop


@pytest.mark.parametrize("ask", LISTS.values(), ids=LISTS)
def test_a_list_finds_as_many_as_there_are(
    ask: Callable[[GraphClient, Question], RecommendationList],
    shop: Any,
    graph: GraphClient,
    run: Run,
) -> None:
    seen = {r["id"] for r in run("MATCH (:User {id: $u})-->(i) RETURN i.id AS id", u=USER)}
    assert NEAREST < len(seen) < len(shop.trained.items) - 10
    found = ask(graph, Question(k=10))
    assert len({item.id for item in found.items} - seen) == 10
    assert not found.short
    # Few are left of a kind that few items are of, and the list says so.
    rare = ask(graph, Question(k=10, filters={"kind": ["rare"]}))
    left = {"i7", "i107", "i207"} - seen
    assert {item.id for item in rare.items} == left
    assert f"Only {len(left)} of 10" in (rare.note() or "")


def test_because_scores_the_rest_by_its_formula(shop: Any, graph: GraphClient, run: Run) -> None:
    vectors = index_recall.unit(shop.trained.item_vectors).astype(np.float64)
    had = {
        row["id"]: row["at"]
        for row in run("MATCH (:User {id: $u})-[r]->(i) RETURN i.id AS id, max(r.at) AS at", u=USER)
    }
    newest = sorted(had, key=lambda id_: -had[id_])[:5]
    scores = {
        id_: max(
            float(vectors[row] @ vectors[int(own[1:])])
            * 2 ** ((had[own] - had[newest[0]]) / DAY / shop.trained.half_life_days)
            for own in newest
        )
        for row, id_ in enumerate(shop.trained.items.ids)
        if id_ not in had
    }
    best = sorted(scores, key=lambda id_: -scores[id_])[:10]
    found = _because(graph, Question(k=10))
    expected = {id_: scores[id_] for id_ in best}
    assert {item.id: item.score for item in found.items} == pytest.approx(expected, abs=1e-5)

"""What a graph answers in which nothing was ever published."""

from collections.abc import Callable
from typing import Any

import pytest

from engine.answering.answers import recommend, similar
from engine.answering.sources import Sources
from engine.errors import NotBuilt
from engine.graph.lists import recommendations
from engine.graph.lists.question import Question
from engine.store.graph_client import GraphClient
from engine.upkeep import schema_checks

_BUY = """
UNWIND range(0, size($rows) - 1) AS n WITH n, $rows[n] AS row
MERGE (u:User {id: row[0]}) MERGE (i:Item {id: row[1]})
CREATE (u)-[:INTERACTED {key: n, event: 'buy', weight: 1.0, batch: 1, at: n}]->(i)
"""


def test_popular_needs_no_model(
    graph: GraphClient, run: Callable[..., list[dict[str, Any]]]
) -> None:
    run(_BUY, rows=[["ann", "mug"], ["bob", "mug"], ["bob", "tea"]])
    run("CREATE (:Item {id: 'unsold'})")

    def popular(user: str | None) -> dict[str, float]:
        found = recommend(graph, user, Question(), Sources("popular"))
        return {item.id: item.score for item in found.items}

    assert popular(None) == pytest.approx({"mug": 1.0, "tea": 0.5 ** (1 / 3)})
    assert set(popular("ann")) == {"tea"}


def test_a_first_answer_needs_no_model(
    graph: GraphClient, run: Callable[..., list[dict[str, Any]]]
) -> None:
    bought = [["ann", "mug"], ["ann", "mug"], ["bob", "mug"], ["bob", "tea"], ["cid", "pen"]]
    run(_BUY, rows=[*bought, ["dan", "pen"]])
    run(
        "MATCH (a:Item {id: 'mug'}), (b:Item {id: 'tea'}) "
        "CREATE (a)-[:CO_OCCURRED {score: 0.5, count: 1}]->(b)"
    )

    def found(user: str, **asked: Any) -> dict[str, Any]:
        answer = recommend(graph, user, Question(k=5, **asked))
        assert answer.basis.asked == "for-you"
        return {
            "served": answer.basis.served,
            "items": {item.id: (pytest.approx(item.score), item.source) for item in answer.items},
            "note": answer.note() or "",
        }

    third = 1 / 3
    new = found("ann")
    assert new["served"] == "provisional"
    assert "engine train; then: engine publish" in new["note"]
    # Two events on mug, its only neighbour; of the most three events, tea has one and pen two.
    assert new["items"] == {
        "tea": (1.0 + (1 * third) ** third / 4, "bought-together"),
        "pen": ((2 * third) ** third / 4, "popular"),
    }
    own = found("ann", exclude_seen=False)
    assert own["items"]["mug"] == (2 / 3 + 1 / 4, "again")
    assert set(found("cid", block=("tea",))["items"]) == {"mug"}
    nobody = found("nobody")
    assert nobody["served"] == "unknown-user"
    assert list(nobody["items"]) == ["mug", "pen", "tea"]


def test_edges_that_score_0_leave_the_first_answer_in_order(
    graph: GraphClient, run: Callable[..., list[dict[str, Any]]]
) -> None:
    """A graph built with a half-life keeps edges of old events whose score is rounded to 0."""
    run(_BUY, rows=[["ann", "mug"], ["bob", "tea"], ["bob", "pen"], ["cid", "pen"]])
    run(
        "MATCH (a:Item {id: 'mug'}), (b:Item {id: 'tea'}) "
        "CREATE (a)-[:CO_OCCURRED {score: 0.0, count: 2}]->(b)"
    )
    found = recommend(graph, "ann", Question(k=5))
    assert [(one.id, one.source) for one in found.items] == [("pen", "popular"), ("tea", "popular")]
    assert found.items[0].score == pytest.approx(0.25)


def test_nothing_published_is_a_clear_message(
    graph: GraphClient, run: Callable[..., list[dict[str, Any]]]
) -> None:
    run("CREATE (:Item {id: 'mug'})")
    with pytest.raises(NotBuilt, match="nothing is published") as missing:
        similar(graph, "mug", Question(), by="filter")
    assert missing.value.hint == "engine train --model item-knn; then: engine publish"
    (found,) = schema_checks.pointer(graph)
    assert (found.value, found.remedy) == (
        "nothing is in service",
        "engine train && engine publish",
    )
    with pytest.raises(NotBuilt, match="nothing is published"):
        recommendations.for_users(graph, ["u1"], Question())
    with pytest.raises(NotBuilt, match="nothing is published"):
        recommendations.similar_items(graph, "i1", Question())

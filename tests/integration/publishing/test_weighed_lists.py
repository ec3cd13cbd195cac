"""Kinds of event have weights: lists in service count as the methods that are compared do."""

from dataclasses import replace
from typing import Any

import numpy as np

from engine.answering.answers import recommend
from engine.answering.sources import Sources
from engine.answering.users_and_reasons import explain
from engine.data.kind_weights import KindWeights
from engine.data.signals import EventWeights
from engine.evaluation.baselines import BASELINES
from engine.graph.lists.question import Question
from engine.graph.lists.ranked import for_users
from engine.graph.pulling import pull
from engine.publishing import item_graphs
from engine.publishing.item_graphs import BuildRequest
from engine.store.graph_client import GraphClient
from engine.usecases.generations import promote

KINDS = {"buy": 3.0, "view": 0.2, "return": -1.0}
_SORTED_INTO_KINDS = (
    "MATCH ()-[r:INTERACTED]->() "
    "SET r.event = CASE WHEN r.key % 5 = 0 THEN 'buy' WHEN r.key % 5 < 4 THEN 'view' "
    "ELSE 'return' END"
)
_ALL = Question(k=8, exclude_seen=False)


def test_what_is_served_counts_kinds_as_what_is_compared(
    open_shop: Any, graph: GraphClient, run: Any
) -> None:
    shop = open_shop(40)
    shop = replace(shop, settings=shop.settings.model_copy(update={"events": KINDS}))
    run(_SORTED_INTO_KINDS)
    events = pull.pull_interactions(graph, kinds=shop.settings.event_weights)
    for name in ("popular", "recent-popular", "buy-again", "gp-top", "user-knn"):
        promote(shop.settings, shop.publish_plain(name))
        score = BASELINES[name](events)
        users = events.users.ids[:4]
        for row, answer in enumerate(for_users(graph, users, _ALL)):
            values = score(np.array([row]))[0]
            listed = events.items.positions([one.id for one in answer.items])
            best = np.sort(values)[::-1][: len(listed)]
            np.testing.assert_allclose(values[listed], best, rtol=1e-5, err_msg=name)
            found = [one.score for one in answer.items]
            np.testing.assert_allclose(found, best, rtol=1e-5, err_msg=name)

    weights = events.item_weights()
    found = recommend(graph, None, _ALL, Sources("popular")).items
    listed = events.items.positions([one.id for one in found])
    np.testing.assert_allclose(weights[listed], np.sort(weights)[::-1][: len(listed)])
    plain = shop.publish(popularity_weight=1e6).generation - 1
    (answer,) = for_users(graph, ["u0"], _ALL)
    listed = events.items.positions([one.id for one in answer.items])
    np.testing.assert_allclose(weights[listed], np.sort(weights)[::-1][: len(listed)])
    promote(shop.settings, plain)

    # What was only sent back is nothing to buy again, to trend or to be alike by; and stays seen.
    run(
        "MATCH (u:User {id: 'u0'}) CREATE (i:Item {id: 'back'}) WITH u, i UNWIND range(1, 4) AS n "
        "CREATE (u)-[:INTERACTED {key: -n, event: 'return', weight: 1.0, batch: 9, "
        "at: 1700000000000 - n * 86400000}]->(i)"
    )
    run(
        "MATCH (u:User {id: 'u0'})-[:INTERACTED]->(had) WITH collect(DISTINCT had) AS had "
        "CREATE (twin:User {id: 'twin'}), (liked:Item {id: 'liked'}) "
        "WITH twin, had + liked AS items UNWIND range(0, size(items) - 1) AS n "
        "WITH twin, items[n] AS item, n CREATE (twin)-[:INTERACTED {key: -9 - n, batch: 9, "
        "event: CASE item.id WHEN 'back' THEN 'return' ELSE 'buy' END, weight: 1.0}]->(item)"
    )
    alike = recommend(graph, "u0", Question(k=50, exclude_seen=False), Sources("people")).items
    assert "liked" in {one.id for one in alike}
    for by in ("again", "trending", "people"):
        listed = recommend(graph, "u0", Question(k=50, exclude_seen=False), Sources(by)).items
        assert "back" not in {one.id for one in listed}, by
    assert "back" not in {one.id for one in for_users(graph, ["u0"], Question(k=60))[0].items}

    # Nor does it speak for anything.
    run(
        "MATCH (:Serving)-[:USES]->(g:Generation), (back:Item {id: 'back'}) "
        "MATCH (liked:Item {id: 'liked'}) "
        "CREATE (back)-[:MADE_BY]->(:Entity {key: 'Brand:x', id: 'x'})<-[:MADE_BY]-(liked) "
        "CREATE (back)-[:CO_OCCURRED {count: 1}]->(liked) "
        "CREATE (back)-[:FOLLOWED_BY {count: 3}]->(liked) "
        "WITH [back, liked] AS both, g UNWIND both AS item "
        "CALL (item, g) { SET item['embedding_g' + toString(g.number)] = [1.0, 0.5] }"
    )
    why = explain(graph, "u0", "liked")
    assert why.sentence == "liked: nothing joins it to u0; 1 event is on it."
    assert explain(graph, "u0", "back").evidence.bought == 0
    run("MATCH (:User {id: 'u0'})-[event:INTERACTED]->(:Item {id: 'back'}) SET event.event = 'buy'")
    why = explain(graph, "u0", "liked")
    assert [one.via for one in why.paths] == ["back"]
    assert [one.times for one in why.evidence.alike] == [4]
    assert "it is in 1 basket with back; it came 3 times after back" in why.sentence
    assert explain(graph, "u0", "back").sentence.startswith("back for u0: u0 has had it 4 times")


def test_graphs_between_items_count_kinds_and_what_a_build_names_comes_first(
    open_shop: Any, graph: GraphClient, run: Any
) -> None:
    open_shop(40)
    run(_SORTED_INTO_KINDS)
    kinds = KindWeights({"view": 0, "return": -1})
    edges = "MATCH (a)-[e:CO_OCCURRED]->(b) RETURN a.id AS a, b.id AS b, e.score AS s ORDER BY a, b"

    def build(weights: EventWeights, kinds: KindWeights) -> Any:
        request = BuildRequest("co-occurrence", min_count=1, unit="user", weights=weights)
        item_graphs.build(graph, request, kinds=kinds)
        return run(edges)

    by_settings = build(EventWeights(), kinds)
    assert by_settings
    assert by_settings == build(EventWeights({"view": 0.0, "return": 0.0}), KindWeights())
    every = build(EventWeights({"view": 1.0, "return": 1.0}), kinds)
    assert every == build(EventWeights(), KindWeights())
    assert len(every) > len(by_settings)

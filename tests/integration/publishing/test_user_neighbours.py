"""User k-NN in service: lists of any length equal the model's, and what it stored goes with it."""

from typing import Any

import numpy as np
import pytest

from engine.evaluation import ranking
from engine.evaluation.baselines import BASELINES
from engine.graph import stored_generations, user_neighbours
from engine.graph.lists import people, recommendations
from engine.graph.lists.question import Question
from engine.graph.pulling import pull
from engine.publishing.generation_health import why_unservable
from engine.store.graph_client import GraphClient
from engine.store.pinned_client import PinnedClient
from engine.usecases.generations import promote


@pytest.fixture
def shop(open_shop: Any) -> Any:
    """A shop of 60 items."""
    return open_shop(60)


_EDGES = "MATCH (:User)-[edge:SIMILAR]->(:User) RETURN count(edge) AS n"
_KEPT = "MATCH (u) UNWIND keys(u) AS key WITH key WHERE key STARTS WITH 'embedding_g' RETURN key"


def test_lists_of_new_items_and_long_ones_equal_the_models(
    shop: Any, graph: GraphClient, run: Any
) -> None:
    promote(shop.settings, shop.publish_plain("user-knn"))
    events = pull.pull_interactions(graph)
    score = BASELINES["user-knn"](events)
    for seen, k in ((False, 3), (True, 101)):  # over 100 the whole catalogue is a candidate
        task = ranking.task(events, events, include_seen=True)
        hidden = None if seen else events.csr(binary=True)
        task = ranking.RankingTask(
            task.users, task.relevant, hidden, task.n_items, task.never, task.tie_order
        )
        best = ranking.top(task, score, k)
        users = [events.users.ids[row] for row in task.users]
        answers = recommendations.for_users(graph, users, Question(k=k, exclude_seen=not seen))
        for row, rows, answer in zip(task.users, best, answers, strict=True):
            # By scores: of two that are level a sum in another order may put either first.
            values = score(np.array([row]))[0]
            listed = events.items.positions([one.id for one in answer.items])[: (rows >= 0).sum()]
            np.testing.assert_allclose(values[listed], values[rows[rows >= 0]], rtol=1e-5)
            found = [one.score for one in answer.items][: len(listed)]
            np.testing.assert_allclose(found, values[listed], rtol=1e-5)
    before = recommendations.for_users(graph, ["u7"], Question(k=3, exclude_seen=False))[0]
    last = before.items[-1].id
    run(
        "MATCH (u:User {id: 'u7'}), (i:Item {id: $item}) UNWIND range(1, 20) AS n "
        "CREATE (u)-[:INTERACTED {key: -n, event: 'buy', weight: 1.0, batch: 9, at: $at}]->(i)",
        item=last,
        at=9_000_000_000_000,
    )
    after = recommendations.for_users(graph, ["u7"], Question(k=3, exclude_seen=False))[0]
    assert after.items[0].id == last  # what the user does counts at once
    past = PinnedClient(graph, 1)
    past.until = 8_000_000_000_000
    question = Question(k=3, exclude_seen=False)
    assert recommendations.for_users(past, ["u7"], question)[0].items == before.items


def test_neighbours_are_missed_when_they_are_gone_and_go_with_their_generation(
    shop: Any, graph: GraphClient, run: Any
) -> None:
    number = shop.publish_plain("user-knn")
    assert run(_EDGES)[0]["n"] > 0
    assert "SIMILAR" not in people.relations(graph)
    one = next(o for o in stored_generations.generations(graph) if o.number == number)
    assert why_unservable(graph, one) is None
    run("MATCH (u:User) REMOVE u.embedding_g1_others")
    assert "users still have their counts" in (user_neighbours.fault(graph, 1, one.settings) or "")
    stored_generations.remove(graph, number)
    assert (run(_EDGES)[0]["n"], run(_KEPT)) == (0, [])

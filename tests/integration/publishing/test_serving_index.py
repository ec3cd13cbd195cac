"""The pointer and the index that a statement names cannot disagree in one answer."""

from collections.abc import Callable
from typing import Any

import pytest

from engine.graph.lists import other_people, own_history, recommendations
from engine.graph.lists.question import Question
from engine.store.graph_client import GraphClient
from engine.store.statements import statement
from engine.usecases import generations

from ..sample import untrained

LISTS: dict[str, Callable[[GraphClient], Any]] = {
    "for-you": lambda graph: recommendations.for_users(graph, ["u3"], Question())[0],
    "similar": lambda graph: recommendations.similar_items(graph, "i3", Question()),
    "because": lambda graph: own_history.because(graph, "u3", Question()),
    "people": lambda graph: other_people.people_alike(graph, "u3", Question()),
}


def test_a_promotion_between_two_answers_changes_index_and_vectors_together(
    open_shop: Callable[[int], Any], graph: GraphClient
) -> None:
    shop = open_shop(200)
    shop.publish()
    first = {name: ask(graph) for name, ask in LISTS.items()}
    other = untrained(30, 200, seed=9)
    shop.publish(user_vectors=other.user_vectors, item_vectors=other.item_vectors)
    second = {name: ask(graph) for name, ask in LISTS.items()}
    assert {one.generation for one in first.values()} == {1}
    assert {one.generation for one in second.values()} == {2}
    assert all(first[name].items != second[name].items for name in LISTS)
    generations.rollback(shop.settings)
    assert {name: ask(graph) for name, ask in LISTS.items()} == first


@pytest.mark.parametrize("name", ["for_users", "because", "likes", "similar_items", "people"])
def test_the_statement_names_its_index_and_asks_no_deprecated_procedure(
    name: str, graph: GraphClient
) -> None:
    if not graph.server.cypher25:
        pytest.skip("this server has no SEARCH")
    chosen = statement(f"recommend/{name}", cypher25=True, idents={"index": "item_embedding_g7"})
    text = chosen.filled({"index": "item_embedding_g7"})
    assert "VECTOR INDEX `item_embedding_g7`" in text
    assert "queryNodes" not in text
    assert "SEARCH" not in statement(f"recommend/{name}", cypher25=False).text

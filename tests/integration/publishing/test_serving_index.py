"""The index that a statement names: that of the pointer, filtered inside where it can be."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from engine.errors import PublishRefused, QueryFailed
from engine.graph.lists import other_people, own_history, recommendations
from engine.graph.lists.question import Question
from engine.graph.lists.recommendations import RecommendationList
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.store.statements import statement
from engine.usecases import generations

from ..sample import untrained

Ask = Callable[[GraphClient, Question], RecommendationList]
LISTS: dict[str, Ask] = {
    "for-you": lambda graph, asked: recommendations.for_users(graph, ["u3"], asked)[0],
    "similar": lambda graph, asked: recommendations.similar_items(graph, "i3", asked),
    "because": lambda graph, asked: own_history.because(graph, "u3", asked),
    "likes": lambda graph, asked: recommendations.likes(graph, ["i3", "i9"], asked),
    "people": lambda graph, asked: other_people.people_alike(graph, "u3", asked),
}
PLAIN, RARE = Question(), Question(k=5, filters={"kind": ["rare", "rare", "no such"]})
FIRST, FILTERING, SAME = 1, 2, 3
"""Generations: the second has other vectors than the first, and the third those of the second."""


@pytest.fixture(scope="module")
def graph(graph_of_file: GraphClient) -> GraphClient:
    """One graph for all tests here."""
    return graph_of_file


@pytest.fixture(scope="module", name="_shop")
def _shop_of_file(open_shop_of_file: Callable[[int], Any], graph: GraphClient) -> Any:
    assert graph.server.version
    shop = open_shop_of_file(1000)
    kept = shop.settings.model_copy(update={"keep_generations": 3})
    shop = replace(shop, settings=kept)
    filtering = replace(
        shop, settings=kept.model_copy(update={"index_attributes": ("kind", "kind", "title")})
    )
    other = untrained(30, 1000, seed=9)
    vectors = {"user_vectors": other.user_vectors, "item_vectors": other.item_vectors}
    shop.publish()
    assert filtering.publish(**vectors).index_attributes == ("kind", "title")
    assert shop.publish(**vectors).index_attributes == ()
    return shop


@pytest.fixture
def shop(_shop: Any) -> Iterator[Any]:
    """A shop of three generations, the first of them in service."""
    generations.promote(_shop.settings, FIRST)
    yield _shop
    generations.promote(_shop.settings, FIRST)


def _all(graph: GraphClient, *questions: Question) -> dict[str, RecommendationList]:
    return {
        f"{name} {n}": ask(graph, question)
        for name, ask in LISTS.items()
        for n, question in enumerate(questions)
    }


def _anew(target: Neo4jTarget, *questions: Question) -> dict[str, RecommendationList]:
    """Ask by a client that has seen no generation before."""
    with GraphClient(target) as client:
        return _all(client, *questions)


def test_a_promotion_between_two_answers_changes_index_and_vectors_together(
    shop: Any, graph: GraphClient, neo4j_target: Neo4jTarget
) -> None:
    first = _all(graph, PLAIN)
    generations.promote(shop.settings, FILTERING)
    second = _all(graph, PLAIN)
    assert second == _anew(neo4j_target, PLAIN)
    assert {one.generation for one in first.values()} == {FIRST}
    assert {one.generation for one in second.values()} == {FILTERING}
    assert all(first[name].items != second[name].items for name in first)
    generations.rollback(shop.settings)
    assert _all(graph, PLAIN) == first


def test_lists_asked_while_generations_are_promoted_are_never_mixed(
    shop: Any, graph: GraphClient, neo4j_target: Neo4jTarget
) -> None:
    known = {}
    for number in (FIRST, FILTERING):
        generations.promote(shop.settings, number)
        known[number] = _anew(neo4j_target, PLAIN, RARE)

    enough = Event()

    def promote() -> None:
        for _ in range(500):
            for number in (FIRST, FILTERING):
                generations.promote(shop.settings, number)
            if enough.is_set():
                return

    seen = {FIRST: 0, FILTERING: 0}
    with ThreadPoolExecutor(1) as pool:
        promotions = pool.submit(promote)
        try:
            while min(seen.values()) < 20 and not promotions.done():
                for name, found in _all(graph, PLAIN, RARE).items():
                    assert found.generation is not None
                    assert found.items == known[found.generation][name].items
                    seen[found.generation] += 1
        finally:
            enough.set()
        promotions.result()
    assert min(seen.values()) >= 20


def test_a_filter_inside_the_index_gives_the_list_of_one_outside(
    shop: Any, graph: GraphClient
) -> None:
    generations.promote(shop.settings, FILTERING)
    inside = _all(graph, PLAIN, RARE)
    generations.promote(shop.settings, SAME)
    outside = _all(graph, PLAIN, RARE)
    assert {name: one.items for name, one in inside.items()} == {
        name: one.items for name, one in outside.items()
    }
    rare = {f"i{n}" for n in range(7, 1000, 100)}
    assert all({i.id for i in inside[f"{name} 1"].items} <= rare for name in LISTS)
    assert len(inside["because 1"].items) == 5


def test_the_nearest_that_pass_a_filter_are_found_without_the_whole_catalogue(
    shop: Any, graph: GraphClient
) -> None:
    """Ten of a thousand items are rare: of the fifty nearest of all, one at most."""
    generations.promote(shop.settings, FILTERING)
    idents = {"index": f"item_embedding_g{FILTERING}", "attribute": "kind"}
    asked = {**RARE.parameters(), "user": "u3", "generation": FILTERING, "whole": False}
    inside = graph.ask("recommend/because", idents, attribute="kind", **asked)[0]
    idents.pop("attribute")
    outside = graph.ask("recommend/because", idents, **asked)[0]
    assert len(inside["items"]) == 5
    assert len(outside["items"]) < 5
    whole = graph.ask("recommend/because", idents, **(asked | {"whole": True}))[0]
    assert inside["items"] == whole["items"]


def test_an_index_of_another_generation_than_that_in_service_gives_no_row(
    shop: Any, graph: GraphClient
) -> None:
    generations.promote(shop.settings, SAME)
    asked = {**PLAIN.parameters(), "user": "u3", "generation": FILTERING}
    idents = {"index": f"item_embedding_g{FILTERING}"}
    assert graph.ask("recommend/because", idents, **asked) == []


def test_a_server_without_search_gives_the_same_lists_by_the_older_texts(
    shop: Any, graph: GraphClient, neo4j_target: Neo4jTarget
) -> None:
    generations.promote(shop.settings, FILTERING)
    with GraphClient(neo4j_target) as older:
        older.server = replace(older.server, cypher25=False)
        for name, found in _all(older, PLAIN, RARE).items():
            ask, question = LISTS[name.split()[0]], RARE if name.endswith("1") else PLAIN
            assert found.items == ask(graph, question).items, name


@pytest.mark.parametrize(
    ("attribute", "said"),
    [
        ("never_written", "has no property 'never_written'"),
        ("number", "no item has an attribute 'number'"),
        ("tags", "'tags' is more than one text on 1 of 1 items"),
        ("embedding_g1", "'embedding_g1' cannot be filtered on"),
        ("a b", "'a b' is no name that an index can be made with"),
    ],
)
def test_an_attribute_that_an_index_cannot_filter_is_refused(
    shop: Any, graph: GraphClient, bare_run: Any, attribute: str, said: str
) -> None:
    bare_run("MATCH (i:Item {id: 'i5'}) SET i.tags = ['x'], i.`a b` = 'x'")
    bare_run("MATCH (u:User {id: 'u5'}) SET u.number = 'x'")
    settings = shop.settings.model_copy(update={"index_attributes": ("kind", attribute)})
    with pytest.raises(PublishRefused, match=said):
        replace(shop, settings=settings).publish()
    assert len(generations.list_generations(shop.settings)) == 3
    bare_run("MATCH (i:Item {id: 'i5'}) REMOVE i.tags, i.`a b`")


def test_a_plan_is_warmed_for_a_generation_whether_or_not_it_serves(
    shop: Any, graph: GraphClient
) -> None:
    before = _all(graph, PLAIN)
    for number in (FIRST, FILTERING, SAME):
        recommendations.warm_plan(graph, number)
    assert _all(graph, PLAIN) == before
    with pytest.raises(QueryFailed, match="item_embedding_g99"):
        recommendations.warm_plan(graph, 99)


@pytest.mark.parametrize(
    "name",
    [f"recommend/{one}" for one in ("for_users", "because", "likes", "similar_items", "people")]
    + ["index/nearest_items"],
)
def test_the_statement_names_its_index_and_asks_no_deprecated_procedure(
    name: str, graph: GraphClient
) -> None:
    assert graph.server.cypher25
    chosen = statement(name, cypher25=True, idents={"index": "item_embedding_g7"})
    text = chosen.filled({"index": "item_embedding_g7"})
    assert "VECTOR INDEX `item_embedding_g7`" in text
    assert "queryNodes" not in text
    assert "SEARCH" not in statement(name, cypher25=False).text

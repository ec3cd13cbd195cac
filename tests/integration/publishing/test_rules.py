"""One suite for both executors of the rules of what may be shown: Cypher, and memory.

Each case is worked out by hand. Somebody unknown is asked for, as memory holds no events.
"""

from collections.abc import Callable
from typing import Any

import pytest

from engine.answering.answers import recommend
from engine.data.conditions import parse_where
from engine.graph.lists import popular_items
from engine.graph.lists.question import Arrangement, Boost, Question
from engine.store.graph_client import GraphClient
from engine.usecases.generations import promote

NOW = 10_000
ITEMS: tuple[dict[str, Any], ...] = (
    {"id": "a", "kind": "tea", "tags": ["x", "y"], "price": 3},
    {"id": "b", "kind": "coffee", "tags": ["x"], "price": 3.5},
    {"id": "c", "kind": "tea", "organic": True, "size": "Infinity"},
    {"id": "d", "kind": "tea", "hidden": True},
    {"id": "e", "kind": "tea", "expires_at": NOW},
    {"id": "f", "kind": "mug", "expires_at": NOW + 1, "size": ["1d", "+.5e1"]},
    {"id": "g", "hidden": False, "size": "0x1p3"},
)
FACTS = (
    ("a", "Brand", "1"),
    ("a", "Taste", "smoky"),
    ("b", "Brand", "1"),
    ("c", "Brand", "2"),
    ("f", "Taste", "smoky"),
)
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "nothing asked": ({}, "abcfg"),
    "later": ({"now": NOW + 1}, "abcg"),
    "earlier": ({"now": NOW - 1}, "abcefg"),
    "block": ({"block": ("a", "no such")}, "bcfg"),
    "allow": ({"allow": ("b", "d", "g")}, "bg"),
    "candidates": ({"candidates": ("c", "no such")}, "c"),
    "allow and candidates": ({"allow": ("a", "b"), "candidates": ("b", "c")}, "b"),
    "allow nothing": ({"allow": ()}, ""),
    "allow and block": ({"allow": ("a", "b"), "block": ("b",)}, "a"),
    "one value": ({"filters": {"kind": ["tea"]}}, "ac"),
    "either value": ({"filters": {"kind": ["tea", "mug"]}}, "acf"),
    "a list holds it": ({"filters": {"tags": ["y", "z"]}}, "a"),
    "both attributes": ({"filters": {"kind": ["tea"], "tags": ["x"]}}, "a"),
    "numbers are texts": ({"filters": {"price": ["3", "3.5"]}}, "ab"),
    "truths are texts": ({"filters": {"organic": ["true"]}}, "c"),
    "no such attribute": ({"filters": {"colour": ["red"]}}, ""),
    "not a value": ({"where": ["kind!=tea"]}, "bfg"),
    "none of a list": ({"where": ["tags!=y", "kind!=mug"]}, "bcg"),
    "a range": ({"where": ["price>3", "price<=3.5"]}, "b"),
    "at least": ({"where": ["price>=3"]}, "ab"),
    "below": ({"where": ["price<3.5"]}, "a"),
    "what is no number is in no range": ({"where": ["kind<9e9"]}, ""),
    "numbers as other languages write them are none": ({"where": ["size>0"]}, "f"),
    "with equality": ({"where": ["kind=tea", "kind=mug", "price<9"]}, "a"),
    "nobody knows what an unknown user says": ({"where": ["kind=user.taste"]}, ""),
    "nor its budget": ({"where": ["price<user.budget"]}, ""),
    "a fact": ({"facts": {"Brand": ["1"]}}, "ab"),
    "either fact": ({"facts": {"Brand": ["1", "2"]}}, "abc"),
    "both facts": ({"facts": {"Brand": ["1"], "Taste": ["smoky"]}}, "a"),
    "no such fact": ({"facts": {"Brand": ["smoky"]}}, ""),
    "all at once": (
        {"facts": {"Taste": ["smoky"]}, "filters": {"kind": ["tea", "mug"]}, "block": ("a",)},
        "f",
    ),
}


def _in_cypher(graph: GraphClient, question: Question) -> list[str]:
    return [item.id for item in recommend(graph, "nobody", question).items]


def _in_memory(graph: GraphClient, question: Question) -> list[str]:
    held = popular_items.read(graph)
    assert held is not None
    return [item.id for item in held.answer(question)]


EXECUTORS: dict[str, Callable[[GraphClient, Question], list[str]]] = {
    "cypher": _in_cypher,
    "memory": _in_memory,
}


@pytest.fixture
def catalogue(open_shop: Callable[[int], Any], graph: GraphClient, run: Any) -> GraphClient:
    """Seven items, the first of them the most popular, and a plain generation in service."""
    shop = open_shop(1)
    run("MATCH (i:Item) DETACH DELETE i")
    run(
        "UNWIND range(0, size($items) - 1) AS n CREATE (i:Item) SET i = $items[n] WITH i, n "
        "MATCH (u:User) WITH i, n, u ORDER BY u.id WITH i, n, collect(u)[0..20 - n] AS users "
        "UNWIND users AS u CREATE (u)-[:INTERACTED {key: 100 * n + toInteger(substring(u.id, 1)), "
        "batch: 1, event: 'buy', weight: 1.0}]->(i)",
        items=list(ITEMS),
    )
    run(
        "UNWIND $facts AS f MATCH (i:Item {id: f[0]}) "
        "MERGE (e:Entity {key: f[1] + ':' + f[2]}) SET e.id = f[2] "
        "CREATE (i)-[:HAS {key: f[0] + f[1]}]->(e)",
        facts=[list(fact) for fact in FACTS],
    )
    run("MATCH (e:Entity) WHERE e.key STARTS WITH 'Taste' SET e:Taste")
    promote(shop.settings, shop.publish_plain("popular"))
    return graph


def test_every_case_holds_in_both_executors(catalogue: GraphClient) -> None:
    wrong = []
    for name, (rules, expected) in CASES.items():
        where = parse_where(rules.get("where", ()))
        others = {name: value for name, value in rules.items() if name != "where"}
        others = {"filters": where[0], "conditions": where[1]} | others
        question = Question(k=10, **{"now": NOW} | others)
        for executor, ask in EXECUTORS.items():
            found = "".join(ask(catalogue, question))
            if found != expected:
                wrong.append(f"{executor}, {name}: {found!r} instead of {expected!r}")
    assert not wrong


def test_what_a_user_says_stands_for_a_value(catalogue: GraphClient, run: Any) -> None:
    run("MATCH (u:User {id: 'u1'}) SET u.taste = ['tea', 'mug'], u.budget = '3.2', u.maker = 'x'")
    run("MATCH (u:User {id: 'u1'})-[r:INTERACTED]->() DELETE r")

    def asked(*where: str) -> str:
        filters, conditions = parse_where(where)
        question = Question(k=10, now=NOW, filters=filters, conditions=conditions)
        return "".join(sorted(item.id for item in recommend(catalogue, "u1", question).items))

    assert asked("kind=user.taste") == "acf"
    assert asked("kind!=user.taste") == "bg"
    assert asked("price<=user.budget") == "a"
    assert asked("price>user.budget") == "b"
    assert asked("tags=user.maker", "price>user.budget") == "b"
    assert asked("kind=user.nothing") == ""
    assert asked("kind!=user.nothing") == "abcfg"


def test_what_arranges_holds_in_both_executors(catalogue: GraphClient) -> None:
    cases = {
        "pins": Arrangement(pins=("g", "d", "no such")),
        "boosts": Arrangement(boosts=(Boost(1_000.0, "mug", "kind"), Boost(0.0, "a"))),
        "a type of entity": Arrangement(boosts=(Boost(1_000.0, "smoky", "Taste"),)),
        "at most": Arrangement(at_most=("kind", 1)),
        "damping": Arrangement(damping=1.0),
    }
    for name, how in cases.items():
        question = Question(k=4, now=NOW, arrangement=how)
        lists = {executor: ask(catalogue, question) for executor, ask in EXECUTORS.items()}
        assert lists["memory"] == lists["cypher"], name
    pinned = Question(k=4, now=NOW, arrangement=cases["pins"])
    assert _in_memory(catalogue, pinned) == ["g", "a", "b", "c"]


def test_memory_shows_no_item_of_too_many_facts_under_a_rule_about_facts(
    catalogue: GraphClient, run: Any
) -> None:
    run(
        "MATCH (a:Item {id: 'a'}) UNWIND range(1, 101) AS n "
        "CREATE (a)-[:HAS {key: n}]->(:Entity {key: 'Tag:' + toString(n), id: toString(n)})"
    )
    held = popular_items.read(catalogue)
    assert held is not None
    assert [item.id for item in held.answer(Question(now=NOW))] == list("abcfg")
    branded = Question(now=NOW, facts={"Brand": ["1"]})
    assert [item.id for item in held.answer(branded)] == ["b"]


def test_memory_says_what_it_left_open(catalogue: GraphClient) -> None:
    held = popular_items.read(catalogue)
    assert held is not None
    question = Question(k=10, now=NOW, arrangement=Arrangement(mmr=0.5))
    found = held.list("alice", "because", question)
    assert (found.basis.asked, found.basis.served) == ("because", "popular-from-memory")
    note = found.note() or ""
    assert "popular items from memory instead of because" in note
    assert "seen may be among them" in note
    assert "mmr" in note
    assert "the 6 most popular items only" in note  # the hidden one is not held
    every = held.list("alice", "for-you", Question(k=2, exclude_seen=False, now=NOW))
    assert "seen" not in (every.note() or "")

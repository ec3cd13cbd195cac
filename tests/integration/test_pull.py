"""What is pulled is what is in the graph, event by event."""

import neo4j
import numpy as np
import pytest

from engine.data.kind_weights import KindWeights
from engine.errors import DataError
from engine.experiments.pulled_data import pull_data
from engine.experiments.training_request import TrainingRequest
from engine.graph import remembered_lists
from engine.graph.pulling import pull, pull_feedback
from engine.graph.pulling.pull import pull_attributes
from engine.graph.pulling.pull_facts import pull_knowledge
from engine.graph.pulling.pull_feedback import pull_dislikes
from engine.graph.remembered_lists import RememberedList
from engine.store.graph_client import GraphClient

_CREATE = """
UNWIND $events AS e
MERGE (u:User {id: e.user}) MERGE (i:Item {id: e.item})
CREATE (u)-[r:INTERACTED {key: e.key, event: e.event, weight: e.weight, batch: 1}]->(i)
SET r.at = e.at
"""


def test_dislikes_of_items_arrive_by_the_rows_of_the_events(
    graph: GraphClient, bare_driver: neo4j.Driver
) -> None:
    with bare_driver.session() as session:
        event = {"key": 1, "user": "b", "item": "x", "event": "buy", "weight": 1.0, "at": 5}
        session.run(_CREATE, events=[event]).consume()
        events = pull.pull_interactions(graph)
        assert pull_dislikes(graph, events) is None
        session.run(
            "MATCH (b:User {id: 'b'}), (x:Item {id: 'x'}) "
            "CREATE (a:User {id: 'a'})-[:DISLIKES {at: 7, event: 'not_interested'}]->(x), "
            "(b)-[:DISLIKES {event: 'dislike'}]->(:Item {id: 'w'}), "
            "(b)-[:DISLIKES {at: 9, event: 'dislike'}]->(:Entity {key: 'Brand:z'})"
        ).consume()
    events = pull.pull_interactions(graph)
    found = pull_dislikes(graph, events, KindWeights({"not_interested": -0.5}))
    assert found is not None
    assert [events.users.ids[row] for row in found.user] == ["a", "b"]
    assert [events.items.ids[row] for row in found.item] == ["x", "w"]
    assert (found.weight.tolist(), found.at.tolist()) == ([0.5, 1.0], [7, 0])


def test_a_disliked_fact_is_the_users_own_items_of_it_and_those_with_most_events(
    graph: GraphClient, bare_driver: neo4j.Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_feedback, "ITEMS_OF_FACT", 2)
    pairs = [
        ("a", "z1"),
        ("b", "z2"),
        ("c", "z2"),
        ("b", "z3"),
        ("c", "z3"),
        ("c", "z4"),
        ("a", "x"),
    ]
    said = [
        {"key": key, "user": user, "item": item, "event": "buy", "weight": 1.0, "at": key}
        for key, (user, item) in enumerate(pairs)
    ]
    with bare_driver.session() as session:
        session.run(_CREATE, events=said).consume()
        session.run(
            "CREATE (z:Entity:Brand {key: 'Brand:z'}) WITH z "
            "MATCH (i:Item) WHERE i.id STARTS WITH 'z' CREATE (i)-[:HAS_BRAND]->(z) "
            "WITH DISTINCT z MATCH (u:User) WHERE u.id IN ['a', 'b'] "
            "CREATE (u)-[:DISLIKES {at: 9, event: 'dislike'}]->(z)"
        ).consume()
        session.run(
            "MATCH (b:User {id: 'b'}), (i:Item {id: 'z3'}) "
            "CREATE (b)-[:DISLIKES {at: 5, event: 'not_interested'}]->(i)"
        ).consume()
    events = pull.pull_interactions(graph)
    found = pull_dislikes(graph, events, KindWeights({"not_interested": -0.5}))
    assert found is not None
    rows = zip(found.user, found.item, found.weight, found.at, strict=True)
    assert {(events.users.ids[u], events.items.ids[i]): (w, t) for u, i, w, t in rows} == {
        ("a", "z1"): (1.0, 9),
        ("a", "z2"): (1.0, 9),
        ("a", "z3"): (1.0, 9),
        ("b", "z2"): (1.0, 9),
        ("b", "z3"): (0.5, 5),
    }


def test_remembered_lists_arrive_where_a_request_learns_from_what_was_shown(
    graph: GraphClient, bare_driver: neo4j.Driver
) -> None:
    request = TrainingRequest("bpr-mf", settings={"shown_negatives": "0.3"})
    with bare_driver.session() as session:
        event = {"key": 1, "user": "b", "item": "x", "event": "buy", "weight": 1.0, "at": 5}
        session.run(_CREATE, events=[event]).consume()
        with pytest.raises(DataError, match="none is remembered"):
            pull_data(graph, request)
        session.run("CREATE (:Item {id: 'w'}), (:User {id: 'a'})").consume()
    lists = [
        RememberedList("l1", 7, "a", "for-you", None, 1, "{}", ("x", "gone", "w"), ()),
        RememberedList("l2", 9, "b", "for-you", None, 1, "{}", ("w", "x"), (), first=21),
        RememberedList("l3", 9, None, "popular", None, 1, "{}", ("w", "x"), ()),
    ]
    remembered_lists.write(graph, lists)
    remembered_lists.note_seen(graph, "l2", ["x"])
    material = pull_data(graph, request).material
    shown, events = material.shown, material.events
    assert shown is not None
    rows = zip(shown.user, shown.item, shown.position, shown.at, strict=True)
    assert {(events.users.ids[u], events.items.ids[i], int(p), int(t)) for u, i, p, t in rows} == {
        ("a", "x", 1, 7),
        ("a", "w", 3, 7),
        ("b", "x", 22, 9),
    }
    assert pull_data(graph, TrainingRequest("bpr-mf")).material.shown is None


def test_every_event_arrives_with_its_columns(
    graph: GraphClient, bare_driver: neo4j.Driver, rng: np.random.Generator
) -> None:
    events = [
        {
            "key": key,
            "user": f"u{rng.integers(20)}",
            "item": f"i{rng.integers(30)}",
            "event": str(rng.choice(["view", "buy"])),
            "weight": float(rng.integers(1, 6)),
            "at": int(rng.integers(1, 10_000)) if key % 3 else None,
        }
        for key in range(500)
    ]
    with bare_driver.session() as session:
        session.run(_CREATE, events=events).consume()
        session.run("CREATE (:User {id: 'idle'}), (:Item {id: 'unsold'})").consume()
        session.run("CREATE (:Batch {number: 4, token: 'a'}), (:Batch {number: 9, token: 'b'})")

    pulled = pull.pull_interactions(graph)

    got = sorted(
        (pulled.users.ids[u], pulled.items.ids[i], float(w), int(at), pulled.events[e])
        for u, i, w, at, e in zip(
            pulled.user, pulled.item, pulled.weight, pulled.at, pulled.event, strict=True
        )
    )
    assert got == sorted(
        (e["user"], e["item"], e["weight"], e["at"] or 0, e["event"]) for e in events
    )
    assert "idle" in pulled.users
    assert "unsold" in pulled.items
    assert pulled.users.ids == tuple(sorted(pulled.users.ids))
    order = np.lexsort((pulled.at, pulled.user))
    np.testing.assert_array_equal(pulled.at[order], pulled.at)
    assert pull.data_watermark(graph) == 9


def test_an_empty_graph_is_pulled_as_nothing(graph: GraphClient) -> None:
    pulled = pull.pull_interactions(graph)
    assert (len(pulled), pulled.n_users, pulled.n_items) == (0, 0, 0)
    assert pull.data_watermark(graph) is None


_FACTS = """
CREATE (ann:User {id: 'ann'}), (bob:User {id: 'bob'}), (:User {id: 'cy'})
CREATE (tea:Item {id: 'tea', name: 'Tea', kind: 'drink', tags: ['hot', 'leaf'], hidden: false}),
       (cup:Item {id: 'cup', embedding_g1: [0.5]})
CREATE (acme:Entity:Brand {id: '1', key: 'Brand:1'}), (town:Entity:Town {id: '1', key: 'Town:1'})
CREATE (ann)-[:KNOWS]->(bob), (bob)-[:KNOWS]->(ann), (ann)-[:LIVES_IN]->(town),
       (acme)-[:MADE]->(tea), (acme)-[:MADE]->(cup), (cup)-[:GOES_WITH]->(tea),
       (acme)-[:LIVES_IN]->(town),
       (ann)-[:INTERACTED {key: 1}]->(tea), (tea)-[:SIMILAR]->(cup), (:Batch)-[:KNOWS]->(ann)
"""


def test_every_fact_arrives_and_nothing_that_was_derived(
    graph: GraphClient, bare_driver: neo4j.Driver
) -> None:
    with bare_driver.session() as session:
        session.run(_FACTS).consume()
    found, events = pull_knowledge(graph), pull.pull_interactions(graph)
    names = [*events.users.ids, *events.items.ids, *found.entities.ids]
    assert (found.n_users, found.n_items) == (3, 2)
    assert names == ["ann", "bob", "cy", "cup", "tea", "Brand:1", "Town:1"]
    facts = {
        (names[head], found.relations[relation], names[tail])
        for head, relation, tail in zip(found.head, found.relation, found.tail, strict=True)
    }
    assert len(found) == 7
    assert facts == {
        ("ann", "KNOWS", "bob"),
        ("bob", "KNOWS", "ann"),
        ("ann", "LIVES_IN", "Town:1"),
        ("Brand:1", "LIVES_IN", "Town:1"),
        ("Brand:1", "MADE", "tea"),
        ("Brand:1", "MADE", "cup"),
        ("cup", "GOES_WITH", "tea"),
    }


def test_a_graph_without_facts_has_none(graph: GraphClient) -> None:
    assert len(pull_knowledge(graph)) == 0


def test_attributes_are_what_was_loaded_not_what_the_engine_wrote(
    graph: GraphClient, bare_driver: neo4j.Driver
) -> None:
    with bare_driver.session() as session:
        session.run(_FACTS).consume()
    assert pull_attributes(graph, "Item") == {"tea": {"kind": "drink", "tags": ["hot", "leaf"]}}
    assert pull_attributes(graph, "User") == {}

"""Two users become one exactly once: everything moves, and the old id stands for the other."""

from pathlib import Path
from typing import Any

import neo4j
import pytest

import engine
from engine.errors import NotFound, UsageError
from engine.graph import aliases
from engine.store.graph_client import GraphClient, Neo4jTarget

EVENTS = """user_id,item_id,timestamp,event
x1,tea,2026-08-01T12:00:00Z,view
x1,tea,2026-08-02T12:00:00Z,view
x1,mug,2026-08-02T12:00:00Z,dislike
alice,pot,2026-08-03T12:00:00Z,buy
bob,tea,2026-08-03T12:00:00Z,buy
"""
FRIENDS = (
    "head,head_type,relation,tail,tail_type\nx1,User,KNOWS,bob,User\nalice,User,KNOWS,bob,User\n"
)


@pytest.fixture
def shop(graph: GraphClient, neo4j_target: Neo4jTarget, tmp_path: Path) -> Any:
    target = neo4j_target
    (tmp_path / "events.csv").write_text(EVENTS)
    (tmp_path / "friends.csv").write_text(FRIENDS)
    (tmp_path / "users.csv").write_text("user_id,city,age\nx1,Rome,30\nalice,Oslo,\n")
    with engine.connect(
        target.uri,
        user=target.user,
        password=target.password,
        home=tmp_path / "home",
        progress=False,
    ) as one:
        one.ingest(
            tmp_path / "events.csv", users=tmp_path / "users.csv", facts=tmp_path / "friends.csv"
        )
        yield one


def _events(driver: neo4j.Driver) -> list[tuple[str, str, str, int]]:
    with driver.session() as session:
        rows = session.run(
            "MATCH (u:User)-[r:INTERACTED|DISLIKES]->(i) "
            "RETURN u.id AS user, i.id AS item, type(r) AS type, r.key AS key ORDER BY key"
        )
        return [tuple(row.values()) for row in rows]


def test_a_visitor_who_logs_in_is_one_user_exactly_once(
    shop: Any, graph: GraphClient, bare_driver: neo4j.Driver, tmp_path: Path
) -> None:
    before = _events(bare_driver)
    done = shop.merge_users("x1", "alice")
    assert done.moved == {"DISLIKES": 1, "INTERACTED": 2, "KNOWS": 1}
    after = _events(bare_driver)
    assert after == [("alice" if u == "x1" else u, *rest) for u, *rest in before], "keys stay"
    described = shop.description("user", "alice")
    assert dict(described.attributes) == {"city": "Oslo", "age": "30"}, "her own words win"
    assert [fact.tail for fact in described.facts] == ["bob"], "a fact is there once"
    assert shop.merge_users("x1", "alice").moved == {}, "again it changes nothing"
    for _ in range(2):
        again = shop.ingest(
            tmp_path / "events.csv", users=tmp_path / "users.csv", facts=tmp_path / "friends.csv"
        )
        assert sum(one.accepted for one in again if one.kind != "users") == 0
        assert sum(one.quarantined for one in again) == 0
    assert _events(bare_driver) == after, "the old file says nothing new"
    assert shop.description("user", "alice").attributes == described.attributes
    with bare_driver.session() as session:
        assert session.run("MATCH (u:User {id: 'x1'}) RETURN u").data() == []
    (tmp_path / "more.csv").write_text("user_id,item_id,event\nx1,kettle,buy\n")
    assert shop.ingest(tmp_path / "more.csv")[0].accepted == 1
    assert ("alice", "kettle") in {(user, item) for user, item, *_ in _events(bare_driver)}
    shop.dislike("x1", "kettle")
    assert [one.id for one in shop.dislikes("x1")] == [one.id for one in shop.dislikes("alice")]
    assert shop.recommend("x1", k=5).items == shop.recommend("alice", k=5).items
    assert "kettle" not in [one.id for one in shop.recommend("x1", k=9, by="popular").items]
    # Everything is known by every id, and goes by any of them.
    shop.merge_users("y2", "x1")
    shop.merge_users("alice", "anna")
    assert aliases.current(graph, ["x1", "y2", "alice", "anna"]) == dict.fromkeys(
        ["x1", "y2", "alice"], "anna"
    )
    archive = shop.export_person("x1", tmp_path / "anna.zip")
    assert (archive.user, {one.name: one.rows for one in archive.files}["aliases.jsonl"]) == (
        "anna",
        3,
    )
    shop.forget("user", "alice")
    with bare_driver.session() as session:
        held = session.run("MATCH (n:User|Alias) RETURN n.id AS id").value("id")
    assert held == ["bob"]
    assert sum(one.accepted for one in shop.ingest(tmp_path / "events.csv")) == 0, "nobody is back"


def test_a_merge_that_was_cut_off_goes_on(
    shop: Any, graph: GraphClient, bare_driver: neo4j.Driver
) -> None:
    before = _events(bare_driver)
    # What a kill leaves: the alias, one event moved.
    graph.write("merge/begin", old="x1", user="alice")
    graph.write("merge/move_events", {"relation": "INTERACTED"}, old="x1", user="alice", limit=1)
    assert shop.merge_users("x1", "alice").moved == {"DISLIKES": 1, "INTERACTED": 1, "KNOWS": 1}
    assert len(_events(bare_driver)) == len(before)
    assert {user for user, *_ in _events(bare_driver)} == {"alice", "bob"}


def test_what_cannot_be_merged_is_refused_and_nothing_changes(
    shop: Any, bare_driver: neo4j.Driver
) -> None:
    shop.merge_users("x1", "alice")
    before = _events(bare_driver)
    for old, user, said in (
        ("bob", "bob", "'bob' cannot be merged into itself"),
        ("alice", "x1", "'alice' cannot be merged into an id that stands for it already"),
        ("x1", "bob", "'x1' stands for 'alice' already, not for 'bob'"),
        ("", "bob", "'' is no id of a user"),
    ):
        with pytest.raises(UsageError, match=said):
            shop.merge_users(old, user)
    shop.forget("user", "bob")
    with pytest.raises(NotFound, match="the user 'bob' is forgotten"):
        shop.merge_users("bob", "alice")
    with pytest.raises(NotFound, match="the user 'bob' is forgotten"):
        shop.dislike("bob", "tea")
    assert [one for one in before if one[0] != "bob"] == _events(bare_driver)

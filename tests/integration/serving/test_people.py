"""Users to pick from and what one of them did are those that the official driver finds."""

from datetime import datetime
from typing import Any

import neo4j
import pytest

USERS = [f"u{n}" for n in range(30)]


@pytest.mark.parametrize("prefix", ["", "u1", "u29", "u", "none", "U1", "'}) //", "😀"])
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_users_are_listed_in_order(running: Any, prefix: str, limit: int) -> None:
    expected = sorted(user for user in USERS if user.startswith(prefix))
    with running.client("read") as client:
        told = client.get("/v1/users", params={"prefix": prefix, "limit": limit}).json()
    assert [user["id"] for user in told["users"]] == expected[:limit]
    assert told["more"] == (len(expected) > limit)
    assert "generation" not in told
    assert told["took_ms"] > 0


def test_a_history_is_what_the_graph_holds(running: Any, bare_driver: neo4j.Driver) -> None:
    with bare_driver.session() as session:
        rows = session.run(
            "MATCH (:User {id: 'u7'})-[e:INTERACTED]->(i:Item) RETURN e.at AS at, i.id AS id"
        ).data()
    expected = sorted(rows, key=lambda row: (-row["at"], row["id"]))
    with running.client("read") as client:
        told = client.get("/v1/users/u7/history", params={"limit": 4}).json()
        whole = client.get("/v1/users/u7/history").json()
    assert (told["user"], told["total"]) == ("u7", len(rows))
    assert told["events"] == whole["events"][:4]
    moments = [1_000 * datetime.fromisoformat(one["at"]).timestamp() for one in whole["events"]]
    assert list(zip([one["id"] for one in whole["events"]], moments, strict=True)) == [
        (row["id"], row["at"]) for row in expected
    ]
    first = whole["events"][0]
    assert (first["kind"], first["weight"]) == ("buy", 1.0)
    assert first["name"] == f"Item {first['id'][1:]}"


def test_events_without_a_time_come_last(running: Any, bare: Any) -> None:
    bare(
        "MATCH (i:Item {id: 'i9'}) CREATE (:User {id: 'timeless', name: 'T'})"
        "-[:INTERACTED {key: 'none'}]->(i)<-[:INTERACTED {key: 'old', at: 1000}]-(:User)"
    )
    try:
        bare(
            "MATCH (u:User {id: 'timeless'}), (i:Item {id: 'i8'}) "
            "CREATE (u)-[:INTERACTED {key: 'one', at: 1000, event: 'view', weight: 2.5}]->(i)"
        )
        with running.client("read") as client:
            told = client.get("/v1/users/timeless/history").json()
        assert told["events"] == [
            {
                "id": "i8",
                "name": "Item 8",
                "kind": "view",
                "at": "1970-01-01T00:00:01+00:00",
                "weight": 2.5,
            },
            {"id": "i9", "name": "Item 9", "weight": 1.0},
        ]
        assert told["name"] == "T"
    finally:
        bare("MATCH (u:User) WHERE u.id = 'timeless' OR u.id IS NULL DETACH DELETE u")


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "1e1", "", "9" * 5_000])
@pytest.mark.parametrize("path", ["/v1/users", "/v1/users/u1/history"])
def test_limits_are_bounded(running: Any, path: str, limit: str) -> None:
    with running.client("read") as client:
        assert client.get(path, params={"limit": limit}).status_code == 422
        assert client.get(path, params={"k": 1}).status_code == 422


def test_a_prefix_is_as_short_as_an_id(running: Any) -> None:
    with running.client("read") as client:
        assert client.get("/v1/users", params={"prefix": "😀" * 65}).status_code == 422
        assert client.get("/v1/users/nobody/history").status_code == 404

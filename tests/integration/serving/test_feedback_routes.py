"""What a user dislikes is in no list of theirs from the next answer on, until it is taken back."""

from typing import Any

import pytest

from engine.connections.session import open_graph
from engine.graph.lists.question import Question
from engine.publishing.item_graphs import BuildRequest, build

BASKET = "/v1/baskets/recommendations"


@pytest.fixture(scope="module")
def related(running: Any) -> None:
    """Graphs between items and friends, so that every list has something to show."""
    with open_graph(running.settings) as graph:
        build(graph, BuildRequest("co-occurrence", min_count=1))
        build(graph, BuildRequest("sequential", min_count=1))


def _lists(client: Any, user: str) -> dict[str, list[str]]:
    """Return every list of a user, own items included: its name to the ids that it shows."""
    more = {"exclude_seen": False, "k": 100}
    answers = {
        name: client.post("/v1/recommendations", json={"user": user, "by": name} | more)
        for name in ("for-you", "because", "people", "next", "trending", "popular", "again")
    }
    answers["pinned"] = client.post(
        "/v1/recommendations", json={"user": user, "pins": ["i2", "i7"]} | more
    )
    answers["likes"] = client.post(
        "/v1/recommendations", json={"user": user, "by": "likes", "likes": ["i1"]} | more
    )
    answers["get"] = client.get(
        f"/v1/users/{user}/recommendations", params={"k": 100, "exclude_seen": "false"}
    )
    for by in ("embedding", "bought-together", "next", "attributes"):
        answers[f"like i12, {by}"] = client.get(
            "/v1/items/i12/similar", params={"by": by, "user": user, "k": 100}
        )
    answers["basket"] = client.post(BASKET, json={"items": ["i12"], "user": user, "k": 100})
    for name, answer in answers.items():
        assert answer.status_code in (200, 409), (name, answer.text)
    found = {name: [one["id"] for one in a.json().get("items", [])] for name, a in answers.items()}
    many = client.post("/v1/users/recommendations", json={"users": [user]} | more).json()
    return found | {"of many": [one["id"] for one in many["lists"][0]["items"]]}


def _shown(lists: dict[str, list[str]], ids: set[str]) -> list[str]:
    return [name for name, items in lists.items() if not ids.isdisjoint(items)]


def test_what_is_disliked_is_in_no_list_until_it_is_taken_back(running: Any, related: None) -> None:
    brand = {f"i{n}" for n in range(2, 120, 5)}
    with running.client("read") as reader, running.client("write") as writer:
        before = _lists(reader, "u3")
        other = _lists(reader, "u4")
        assert {"for-you", "pinned", "popular", "of many"} <= set(_shown(before, {"i2"}))
        assert len(_shown(before, brand)) > 9, before
        path = "/v1/users/u3/dislikes"
        assert writer.post(path, json={"item": "i2"}).json()["changed"] is True
        assert writer.post(path, json={"item": "i2"}).json()["changed"] is False, "once"
        assert _shown(_lists(reader, "u3"), {"i2"}) == []
        fact = {"fact": "Brand=2", "kind": "not_interested"}
        assert writer.post(path, json=fact).json()["changed"] is True
        assert _shown(_lists(reader, "u3"), brand) == []
        assert _lists(reader, "u4") == other, "of one user alone"
        told = reader.get(path).json()["dislikes"]
        assert {(one["kind"], one["id"], one["event"]) for one in told} == {
            ("Item", "i2", "dislike"),
            ("Brand", "2", "not_interested"),
        }
        held = running.service.graph.popular
        in_memory = held.list("u3", "for-you", Question(k=100), "u3")
        assert {one.id for one in held.items} & brand
        assert not {one.id for one in in_memory.items} & brand
        for asked in ({"item": "i2"}, {"fact": "Brand=2"}):
            assert writer.delete(path, params=asked).json()["changed"] is True
            assert writer.delete(path, params=asked).json()["changed"] is False
        assert _lists(reader, "u3") == before
        held = running.service.graph.popular
        assert {one.id for one in held.list("u3", "for-you", Question(k=100), "u3").items} & brand


def test_events_of_a_kind_that_dislikes_do_the_same_once(running: Any) -> None:
    event = {"user_id": "u5", "item_id": "i2", "event": "dislike", "timestamp": 1_700_000_000}
    with running.client("read") as reader, running.client("write") as writer:
        before = reader.get("/v1/status").json()["events"]
        for accepted in (1, 0):
            taken = writer.post("/v1/events", json={"events": [event]}).json()
            assert (taken["accepted"], taken["duplicate"]) == (accepted, 1 - accepted)
        assert _shown(_lists(reader, "u5"), {"i2"}) == []
        history = reader.get("/v1/users/u5/history").json()["events"]
        assert "dislike" in {one["kind"] for one in history}
        assert reader.get("/v1/status").json()["events"] == before, "it counts in no popularity"
        writer.delete("/v1/users/u5/dislikes", params={"item": "i2"})


def test_what_cannot_be_disliked_is_refused(running: Any) -> None:
    path = "/v1/users/u3/dislikes"
    with running.client("write") as writer:
        for body, status, said in (
            ({"item": "no-such"}, 404, "there is no item 'no-such'"),
            ({"fact": "Brand=99"}, 404, "there is no brand '99'"),
            ({"fact": "brand=2"}, 422, "named in errors"),
            ({}, 422, "named in errors"),
            ({"item": "i2", "fact": "Brand=2"}, 422, "named in errors"),
            ({"item": "i2", "kind": "hate"}, 422, "named in errors"),
        ):
            answer = writer.post(path, json=body)
            assert answer.status_code == status, answer.text
            assert said in answer.json()["detail"]
        assert writer.post(path, json={"fact": "User=u4"}).status_code == 422
    with open_graph(running.settings) as graph:
        assert graph.read("feedback/of_user", user="u3", limit=10) == []

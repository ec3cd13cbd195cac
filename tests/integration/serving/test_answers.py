"""What the service answers is what the command line answers, with generation, sources and time."""

from typing import Any
from urllib.parse import quote

import pytest

from engine.graph import recommendations
from engine.graph.recommendations import Question
from engine.store.graph_client import GraphClient


def test_a_list_is_that_of_the_graph(running: Any, graph: GraphClient) -> None:
    expected = recommendations.for_users(graph, ["u3"], Question(k=7))[0]
    with running.client("read") as client:
        answer = client.get("/v1/users/u3/recommendations", params={"k": 7})
    assert answer.status_code == 200
    told = answer.json()
    assert [one["id"] for one in told["items"]] == [one.id for one in expected.items]
    assert [one["source"] for one in told["items"]] == [one.source for one in expected.items]
    assert (told["generation"], told["basis"], told["degraded"]) == (1, "embedding", False)
    assert told["took_ms"] > 0
    assert answer.headers["x-request-id"]


def test_filters_hold(running: Any) -> None:
    with running.client("read") as client:
        told = client.get(
            "/v1/users/u3/recommendations",
            params={"k": 50, "where": ["kind=tea", "tags=mod1", "tags=mod2"]},
        ).json()
    numbers = [int(one["id"][1:]) for one in told["items"]]
    assert numbers
    assert all(n % 2 == 0 and n % 3 in (1, 2) for n in numbers)


@pytest.mark.parametrize("user", ["nobody", "a/b", "ü 😀", "'}) DETACH DELETE n //", "%2f", "\x00"])
def test_an_unknown_user_gets_the_popular_items(running: Any, user: str) -> None:
    with running.client("read") as client:
        answer = client.get(f"/v1/users/{quote(user, safe='')}/recommendations")
    assert answer.status_code == 200, answer.text
    assert answer.json()["basis"] == "unknown-user"
    assert answer.json()["subject"] == user
    assert answer.json()["items"]

"""Neo4j stopped, frozen, killed and back: every request is answered, then answers are normal again.

On the engine's own server, which may come back at another port.
"""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import neo4j
import pytest

from engine.config import Settings
from engine.connections import database
from engine.connections.session import open_graph, target_of
from engine.graph.lists import recommendations
from engine.graph.lists.recommendations import Question
from engine.store.local_server import LocalServer

USER = "/v1/users/u3/recommendations"
EVENT = {"user_id": "u3", "item_id": "i1", "timestamp": 1_760_000_000}
TEA = {"where": ["kind=tea", "tags=mod1", "tags=mod0"], "k": 8}


@pytest.fixture(scope="module")
def own(
    serving: Any, fill: Any, publish_model: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """A service on a Neo4j of its own."""
    folder = tmp_path_factory.mktemp("own")
    settings = Settings(home=folder / "home", serve_port=0, serve_seconds=4.0)
    target = target_of(settings)
    try:
        auth = (target.user, target.password)
        with open_graph(settings), neo4j.GraphDatabase.driver(target.uri, auth=auth) as driver:
            fill(driver)
        publish_model(settings, folder, 3)
        with serving(settings) as one:
            yield one
    finally:
        database.local_server(settings).stop()


@pytest.fixture
def neo4j_server(own: Any) -> LocalServer:
    return database.local_server(own.settings)


@pytest.fixture
def client(own: Any, until: Any) -> Iterator[httpx.Client]:
    with own.client("read") as one:
        until(lambda: one.get("/health/ready").status_code == 200)
        yield one


def degraded(client: httpx.Client) -> bool:
    """Ask once; whatever the state of the server, there is an answer."""
    answer = client.get(USER)
    assert answer.status_code in (200, 503), answer.text
    if answer.status_code == 503:
        assert answer.headers["retry-after"]
        return False
    told = answer.json()
    assert len(told["items"]) == 10
    assert told["generation"] == 1
    if told["degraded"]:
        assert {one["source"] for one in told["items"]} == {"popular"}
        assert "from memory" in told["note"]
    return bool(told["degraded"])


def test_what_is_in_memory_is_what_the_graph_would_answer_somebody_unknown(own: Any) -> None:
    filters = {"kind": ["tea"], "tags": ["mod1", "mod0"]}
    with open_graph(own.settings) as graph:
        for question in (Question(k=10), Question(k=8, filters=filters)):
            found = recommendations.for_users(graph, ["nobody"], question)[0]
            assert own.service.graph.popular.answer(question) == found.items


def test_stopped_and_started(
    own: Any, client: httpx.Client, neo4j_server: LocalServer, serving: Any, until: Any
) -> None:
    """And a service that starts while it is stopped: it says so, and answers when it is back."""
    until(lambda: not degraded(client))  # a first plan may take longer than an answer may
    neo4j_server.stop()
    until(lambda: degraded(client))
    _answers_while_away(own, client)
    # Nobody started it behind the back of whoever stopped it.
    assert neo4j_server.running() is None
    with serving(own.settings, with_keys=False) as new:
        bearer = {"Authorization": f"Bearer {own.keys['read']}"}
        with httpx.Client(base_url=new.url, headers=bearer, timeout=60) as late:
            answer = late.get(USER)
            assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
            neo4j_server.start()
            for one in (client, late):
                until(lambda one=one: one.get("/health/ready").status_code == 200)
                until(lambda one=one: not degraded(one))
    with own.client("write") as writer:
        assert writer.post("/v1/events", json={"events": [EVENT]}).json()["accepted"] == 1


def _answers_while_away(own: Any, client: httpx.Client) -> None:
    for path in (USER, "/v1/items/i5/similar", "/v1/items/no-such/similar"):
        assert client.get(path).json()["degraded"] is True
    basket = client.post("/v1/baskets/recommendations", json={"items": ["i1"], "k": 3})
    assert basket.json()["degraded"] is True
    many = client.post("/v1/users/recommendations", json={"users": ["u3", "nobody", "u3"]}).json()
    assert [one["subject"] for one in many["lists"]] == ["u3", "nobody"]
    assert many["degraded"] is True
    chosen = client.get(USER, params=TEA).json()["items"]
    assert all(int(one["id"][1:]) % 2 == 0 and int(one["id"][1:]) % 3 != 2 for one in chosen)
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (503, "not-ready")
    assert client.get("/health/live").status_code == 200
    text = client.get("/metrics").text
    assert "engine_neo4j_up 0.0" in text
    assert 'engine_degraded_answers_total{cause="away"}' in text
    with own.client("write") as writer, own.client("admin") as admin:
        for answer in (
            client.get("/v1/users/u3/explanations/i1"),
            client.get("/v1/generations"),
            writer.post("/v1/events", json={"events": [EVENT]}),
            admin.post("/v1/generations/1/promote", json={}),
            admin.post("/v1/generations/rollback", json={}),
        ):
            assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
            assert "bolt" not in answer.text


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP])
def test_killed_or_frozen_under_load(
    own: Any, client: httpx.Client, neo4j_server: LocalServer, until: Any, blow: signal.Signals
) -> None:
    state = neo4j_server.running()
    assert state is not None
    os.kill(state.pid, blow)
    with ThreadPoolExecutor(8) as pool:
        until(lambda: any(pool.map(lambda _: degraded(client), range(16))))
        assert client.get("/health/live").status_code == 200
        if blow is signal.SIGSTOP:
            os.kill(state.pid, signal.SIGCONT)
        else:
            until(lambda: neo4j_server.running() is None)
            neo4j_server.start()
        until(lambda: not any(pool.map(lambda _: degraded(client), range(8))))
    until(lambda: "engine_busy 0.0" in client.get("/metrics").text)

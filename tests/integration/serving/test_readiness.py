"""Readiness knows what ``engine check`` would find in milliseconds, and costs a request nothing."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

from engine.connections.session import open_graph
from engine.store import graph_schema


def test_a_service_whose_graph_lost_a_constraint_is_not_ready_until_it_is_mended(
    settings: Any, serving: Any, bare: Any, until: Callable[..., None]
) -> None:
    with serving(settings) as one, one.client() as client:

        def reason() -> str | None:
            one.service.graph.refresh_generation()  # not to wait for the next look
            reply = client.get("/health/ready")
            assert (reply.status_code == 200) is (reply.json()["status"] == "ready")
            found: str | None = reply.json().get("reason")
            return found

        assert client.get("/health/ready").json() == {"status": "ready"}
        bare("DROP CONSTRAINT flip_token")
        try:
            until(lambda: reason() == "constraint flip_token: it is missing")
            assert client.get("/v1/users/u1/recommendations", headers=_key(one)).status_code == 200
        finally:
            with open_graph(settings) as graph:
                graph_schema.repair(graph, wait_seconds=30)
        until(lambda: reason() is None)


def test_a_locked_registry_keeps_no_list_waiting(
    settings: Any, serving: Any, until: Callable[..., None]
) -> None:
    """What needs the registry says so; the graph answers all the rest, and nobody calls it away."""
    needing = ("/v1/status", "/v1/generations", "/v1/nights", "/v1/experiments")
    lock = sqlite3.connect(settings.home / "registry.sqlite", isolation_level=None)
    hurried = settings.model_copy(update={"serve_seconds": 4.0})
    with closing(lock), serving(hurried) as one, one.client("read") as client:

        def degraded() -> bool:
            answer = client.get("/v1/users/u1/recommendations")
            return answer.status_code == 503 or bool(answer.json()["degraded"])

        until(lambda: not degraded())  # a first plan may take longer than an answer may
        assert client.get("/health/ready").status_code == 200
        lock.execute("BEGIN EXCLUSIVE")
        with ThreadPoolExecutor(len(needing)) as pool:
            for answer in pool.map(client.get, needing):
                assert answer.status_code == 503
                assert "the registry did not answer" in answer.json()["detail"]
        assert client.get("/health/ready").status_code == 200
        assert client.get("/v1/items/i1").status_code == 200
        assert not degraded()
        lock.execute("ROLLBACK")
        assert one.service.graph.away is False


def _key(one: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {one.keys['read']}"}

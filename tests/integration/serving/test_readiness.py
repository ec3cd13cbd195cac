"""Readiness knows what ``engine check`` would find in milliseconds, and costs a request nothing."""

from collections.abc import Callable
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


def _key(one: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {one.keys['read']}"}

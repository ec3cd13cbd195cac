"""Forgetting over HTTP: an admin key, once, and no event that comes later brings anybody back."""

from collections.abc import Iterator
from typing import Any

import pytest

from engine.connections.session import open_graph, open_registry
from engine.graph import removal
from engine.nights.retrain import one_at_a_time


@pytest.fixture(scope="module")
def running(settings: Any, serving: Any) -> Iterator[Any]:
    with serving(settings) as one:
        yield one
        with open_registry(one.settings) as registry:
            registry.tombstones.remove(registry.tombstones.digests())


def _event(user: str, item: str = "i1") -> dict[str, str]:
    return {"user_id": user, "item_id": item, "timestamp": "2026-08-01T12:00:00Z"}


def test_a_user_is_forgotten_once_and_posts_leave_them_out(running: Any) -> None:
    with running.client("admin") as admin, running.client("write") as writer:
        # Of its own: the shop is shared with other files.
        writer.post("/v1/events", json={"events": [_event("zoe", f"i{n}") for n in range(4)]})
        done = admin.delete("/v1/users/zoe")
        assert done.status_code == 200, done.text
        assert (done.json()["forgotten"], done.json()["already"]) == (1, 0)
        removed = {(one["where"], one["what"]): one["count"] for one in done.json()["removed"]}
        assert removed["graph", "nodes"] == 1
        assert removed["graph", "events"] == 4
        again = admin.delete("/v1/users/zoe").json()
        assert (again["forgotten"], again["already"], again["removed"]) == (0, 1, [])
        both = {"events": [_event("zoe"), _event("u8", "i99"), _event("zoe", "i2")]}
        taken = writer.post("/v1/events", json=both).json()
        assert (taken["accepted"], taken["duplicate"], taken["forgotten"]) == (1, 0, 2)
        alone = writer.post("/v1/events", json={"events": [_event("zoe")]}).json()
        assert (alone["accepted"], alone["forgotten"]) == (0, 1)
        wrong = {"events": [_event("zoe"), _event("u8") | {"timestamp": "yesterday"}]}
        refused = writer.post("/v1/events", json=wrong)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["where"][2] == 1, "its place in the post as it was sent"
    with open_graph(running.settings) as graph:
        assert removal.known(graph, "User", ["zoe", "u8"]) == {"u8"}


def test_an_item_with_a_slash_and_one_that_is_nowhere(running: Any) -> None:
    with running.client("admin") as admin, running.client("write") as writer:
        writer.post("/v1/events", json={"events": [_event("u8", "cups/red")]})
        assert admin.delete("/v1/items/cups%2Fred").json()["forgotten"] == 1
        nowhere = admin.delete("/v1/items/no-such-item")
        assert nowhere.status_code == 404
        assert "nothing of the item" in nowhere.json()["detail"]
        assert admin.delete("/v1/users/%1b").status_code == 422
        assert admin.delete("/v1/users/zoe", params={"force": "1"}).status_code == 422


def test_a_night_keeps_it_out(running: Any) -> None:
    with one_at_a_time(running.settings), running.client("admin") as admin:
        assert admin.delete("/v1/users/zoe").status_code == 503

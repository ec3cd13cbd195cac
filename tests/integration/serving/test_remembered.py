"""Lists have ids, are remembered where the shop wants it, and say what came of them."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.connections.session import open_graph
from engine.data.list_id import new_list_id


@pytest.fixture(scope="module")
def shop(settings: Any, serving: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A service that remembers its lists, beside the graph of the file."""
    home = tmp_path_factory.mktemp("remembering")
    with serving(settings.model_copy(update={"home": home, "remember_lists": True})) as one:
        yield one


def _remembered(shop: Any) -> dict[str, Any]:
    with open_graph(shop.settings) as graph:
        return {row["id"]: row for row in graph.stream("shown/everything")}


def test_every_list_has_an_id_and_every_item_its_position(running: Any) -> None:
    with running.client("read") as client:
        one = client.get("/v1/users/u1/recommendations?k=3").json()
        alike = client.get("/v1/items/i3/similar?k=2").json()
        several = client.post("/v1/users/recommendations", json={"users": ["u1", "u2"]}).json()
    answers = [one, alike, *several["lists"]]
    assert len({answer["list_id"] for answer in answers}) == 4
    for answer in answers:
        assert uuid.UUID(answer["list_id"]).version == 7
        places = [item["position"] for item in answer["items"]]
        assert places == list(range(1, len(places) + 1))

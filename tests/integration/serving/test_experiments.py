"""Experiments while a service runs: who gets which variant, and what stands in for a failed one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import engine
from engine.answering.variant_lists import recommend_variant
from engine.connections.session import open_graph
from engine.errors import NotFound
from engine.graph import stored_generations
from engine.graph.lists.question import Question

from .conftest import publish_model

_USERS = [f"u{n}" for n in range(16)]


def _asked(client: Any, user: str) -> Any:
    """Return the graph's answer; a busy server may take its time over plans."""
    while True:
        answer = client.get(f"/v1/users/{user}/recommendations", params={"k": 5})
        if answer.status_code == 200 and not answer.json()["degraded"]:
            return answer.json()


def _ids(answer: Any) -> list[str]:
    return [item["id"] for item in answer["items"]]


def test_users_get_their_variants_and_the_control_stands_in_for_one_that_fails(
    running: Any, until: Any, tmp_path: Path
) -> None:
    settings = running.settings
    publish_model(settings, tmp_path, 5)
    with (
        engine.connect(
            settings.neo4j_uri,
            user=settings.neo4j_user,
            password=settings.neo4j_password,
            home=settings.home,
            progress=False,
        ) as e,
        running.client("read") as client,
    ):
        with pytest.raises(NotFound, match="the variant b: generation 99 is not in the graph"):
            e.start_experiment("tea", {"a": "serving", "b": "generation:99"})
        with pytest.raises(NotFound, match="no list named front"):
            e.start_experiment("tea", {"a": "serving", "b": "list:front"})
        assert "variant" not in _asked(client, "u1")
        e.set_list("front", by="trending", where="kind=tea", fallback=["popular"])
        e.start_experiment(
            "tea",
            {"a": "generation:2", "b": "generation:1:mmr=0.9", "c": "list:front", "d": "holdout"},
        )
        until(lambda: "variant" in _asked(client, "u1"))
        found = {user: _asked(client, user) for user in _USERS}
        of = {
            name: [user for user in _USERS if found[user]["variant"]["variant"] == name]
            for name in "abcd"
        }
        for user in _USERS:
            assigned = e.assigned_variant(user)
            assert assigned is not None
            shown = {"experiment": "tea", "variant": assigned[1].name, "failed": False}
            assert found[user]["variant"] == shown
        assert {found[user]["generation"] for user in of["a"]} == {2}
        assert {found[user]["generation"] for user in of["b"]} == {1}
        assert {found[user]["basis"]["served"] for user in of["d"]} == {"popular"}
        assert all(int(id_[1:]) % 2 == 0 for user in of["c"] for id_ in _ids(found[user]))

        # What a variant gets is what everybody gets once its generation is in service.
        e.promote(1)
        for user in of["b"]:
            own = e.recommend(user, k=5, mmr=0.9)
            assert [item.id for item in own.items] == _ids(found[user])
        e.promote(2)
        with open_graph(settings) as graph:
            stored_generations.remove(graph, 1)
        for user in of["b"]:
            again = _asked(client, user)
            assert again["variant"] == {"experiment": "tea", "variant": "b", "failed": True}
            assert again["generation"] == 2
        counted = running.client("admin").get("/metrics").text
        label = 'engine_variants_total{experiment="tea",outcome="failed",variant="b"}'
        assert f"{label} {len(of['b'])}.0" in counted

        stopped = e.stop_experiment("tea", winner="a")
        assert stopped.promoted == 2
        until(lambda: "variant" not in _asked(client, "u1"))
        # Without a control that can be made, everybody's list stands in.
        broken = stopped.experiment.variants[1]
        only = (replace(stopped.experiment, variants=(broken,)), broken)
        with open_graph(settings) as graph:
            left = recommend_variant(graph, "u1", Question(k=5), only, _no_list)
        assert left.generation == 2
        assert left.variant is not None
        assert left.variant.failed


def _no_list(name: str) -> Any:
    raise NotFound(f"there is no list named {name}")

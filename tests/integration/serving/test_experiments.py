"""Experiments while a service runs: who gets which variant, and what stands in for a failed one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import engine
from engine.answering.variant_lists import recommend_variant
from engine.api import Engine
from engine.connections.session import open_graph
from engine.errors import NotFound
from engine.graph import stored_generations
from engine.graph.lists.question import Question

from .conftest import N_USERS, publish_model

_EACH = 3


@pytest.fixture
def library(running: Any, tmp_path: Path) -> Iterator[Engine]:
    """The library on the service's stores, in which a second generation serves."""
    settings = running.settings
    publish_model(settings, tmp_path, 5)
    with engine.connect(
        settings.neo4j_uri,
        user=settings.neo4j_user,
        password=settings.neo4j_password,
        home=settings.home,
        progress=False,
    ) as e:
        yield e


def _users_by_variant(e: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in "abcd"}
    for user in (f"u{n}" for n in range(N_USERS)):
        _, variant = e.assigned_variant(user)
        found[variant.name] = [*found[variant.name], user][:_EACH]
    return found


def test_users_get_their_variants_and_the_control_stands_in_for_one_that_fails(
    running: Any, library: Any, until: Any, planned: list[int]
) -> None:
    e, settings = library, running.settings

    def asked(user: str) -> Any:
        """Return the graph's answer: a busy server that plans anew may be late at first."""
        answers: list[Any] = []

        def answered() -> bool:
            path = f"/v1/users/{user}/recommendations"
            answers.append(client.get(path, params={"k": 5}).json())
            return "items" in answers[-1] and not answers[-1]["degraded"]

        until(answered)
        return answers[-1]

    with running.client("read") as client:
        with pytest.raises(NotFound, match="the variant b: generation 99 is not in the graph"):
            e.start_experiment("tea", {"a": "serving", "b": "generation:99"})
        with pytest.raises(NotFound, match="no list named front"):
            e.start_experiment("tea", {"a": "serving", "b": "list:front"})
        assert "variant" not in asked("u1")
        e.set_list("front", by="trending", where="kind=tea", fallback=["popular"])
        e.start_experiment(
            "tea",
            {"a": "generation:1", "b": "generation:2:mmr=0.9", "c": "list:front", "d": "holdout"},
        )
        assert planned == [1, 2]
        until(lambda: "variant" in asked("u1"))
        of = _users_by_variant(e)
        found = {user: asked(user) for users in of.values() for user in users}
        for name, users in of.items():
            shown = {"experiment": "tea", "variant": name, "failed": False}
            assert all(found[user]["variant"] == shown for user in users)
        assert {found[user]["generation"] for user in of["a"]} == {1}
        assert {found[user]["generation"] for user in of["b"]} == {2}
        assert all(int(id_[1:]) % 2 == 0 for user in of["c"] for id_ in _ids(found[user]))
        assert {found[user]["basis"]["served"] for user in of["d"]} == {"popular"}

        # What a variant gets is what everybody gets once its generation is in service.
        for user in of["b"]:
            own = e.recommend(user, k=5, mmr=0.9)
            assert [item.id for item in own.items] == _ids(found[user])
        e.promote(1)
        for user in of["a"]:
            assert [item.id for item in e.recommend(user, k=5).items] == _ids(found[user])
        with open_graph(settings) as graph:
            stored_generations.note_needed(graph, [])  # or nobody could
            stored_generations.remove(graph, 2)
        (one, *_) = of["b"]
        again = asked(one)
        assert again["variant"] == {"experiment": "tea", "variant": "b", "failed": True}
        assert again["generation"] == 1
        counted = client.get("/metrics").text
        assert 'engine_variants_total{experiment="tea",outcome="failed",variant="b"}' in counted

        stopped = e.stop_experiment("tea", winner="a")
        assert stopped.promoted == 1
        until(lambda: "variant" not in asked("u1"))
    # Where the control cannot be made either, everybody's list stands in.
    gone = stopped.experiment.variants[1]
    with open_graph(settings) as graph:
        only = (replace(stopped.experiment, variants=(gone,)), gone)
        left = recommend_variant(graph, one, Question(k=5), only, _no_list)
    assert left.generation == 1
    assert left.variant is not None
    assert left.variant.failed


def _ids(answer: Any) -> list[str]:
    return [item["id"] for item in answer["items"]]


def _no_list(name: str) -> Any:
    raise NotFound(f"there is no list named {name}")

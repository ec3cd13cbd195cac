"""Nights and flips in the registry: what is remembered, and what a dead process leaves."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.data.pointer_move import PointerMove
from engine.errors import NotFound
from engine.resources import migrations_dir
from engine.store.registry import Registry
from engine.store.registry_schema import open_registry_engine

ROOT = migrations_dir().parent


@pytest.fixture
def url(home: Path) -> str:
    return f"sqlite:///{home / 'registry.sqlite'}"


@pytest.fixture
def registry(url: str) -> Iterator[Registry]:
    engine = open_registry_engine(url)
    yield Registry(engine)
    engine.dispose()


def test_steps_are_remembered_in_their_order(registry: Registry) -> None:
    night = registry.nights.begin("same")
    registry.nights.record_step(night.id, "load", {"files": [1]}, 0.5)
    registry.nights.record_step(night.id, "look", {"new": True}, 0.1)
    registry.nights.record_step(night.id, "look", {"new": False}, 0.2)
    found = registry.nights.nights()[0]
    assert [(step.name, dict(step.result)) for step in found.steps] == [
        ("load", {"files": [1]}),
        ("look", {"new": False}),
    ]
    registry.nights.forget_steps(night.id, ["look"])
    assert [step.name for step in registry.nights.nights()[0].steps] == ["load"]


def test_a_night_that_did_not_finish_goes_on_with_the_same_question_only(
    registry: Registry,
) -> None:
    first = registry.nights.begin("same")
    registry.nights.record_step(first.id, "load", {}, 0.0)
    registry.nights.finish(first.id, "failed", None)
    again = registry.nights.begin("same")
    assert (again.id, [step.name for step in again.steps]) == (first.id, ["load"])
    assert again.status == "running"
    assert registry.nights.begin("same").id == first.id + 1, "another process is at work on it"
    assert registry.nights.begin("other").id == first.id + 2


def test_a_finished_night_does_not_go_on(registry: Registry) -> None:
    first = registry.nights.begin("same")
    registry.nights.finish(first.id, "finished", "kept")
    assert registry.nights.begin("same").id == first.id + 1
    assert [one.outcome for one in registry.nights.nights()] == [None, "kept"]


def test_a_night_of_a_dead_process_is_interrupted(registry: Registry, url: str) -> None:
    code = (
        "import sys; from engine.store.registry import Registry\n"
        "from engine.store.registry_schema import open_registry_engine as o\n"
        "Registry(o(sys.argv[1])).nights.begin('same')"
    )
    subprocess.run([sys.executable, "-c", code, url], check=True, cwd=ROOT)
    assert [one.status for one in registry.nights.nights()] == ["interrupted"]
    assert registry.nights.begin("same").id == 1


def test_flips_are_copied_once(registry: Registry) -> None:
    flips = [
        PointerMove(
            f"t{n}",
            n,
            datetime(2026, 1, n + 1, tzinfo=UTC),
            "promote",
            n or None,
            n + 1,
            "me",
            "so",
        )
        for n in range(3)
    ]
    assert registry.nights.copy_flips(flips[:2]) == 2
    assert registry.nights.copy_flips(flips) == 1
    assert registry.nights.flips() == flips[::-1]


def test_a_night_that_never_was(registry: Registry) -> None:
    with pytest.raises(NotFound, match="no night 7"):
        registry.nights.finish(7, "finished", None)

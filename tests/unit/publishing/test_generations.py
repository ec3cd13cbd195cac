"""Who may remove what, and in whose name the pointer moves."""

import platform
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.errors import NotFound
from engine.graph.stored_generations import StoredGeneration
from engine.publishing import generations
from engine.publishing.generations import Promotion
from engine.store.processes import this_process
from engine.store.registry import Registry
from engine.store.registry_schema import open_registry_engine


@pytest.fixture
def registry(home: Path) -> Iterator[Registry]:
    engine = open_registry_engine(f"sqlite:///{home / 'registry.sqlite'}")
    yield Registry(engine)
    engine.dispose()


def _stored(number: int, *, serving: bool = False, **settings: Any) -> StoredGeneration:
    return StoredGeneration(number, "published", serving, settings)


def _publisher(state: str, *, age_seconds: float = 0.0, **changed: Any) -> StoredGeneration:
    """A generation that this process publishes, or another one."""
    mark = this_process()
    settings = {"host": mark.host, "pid": mark.pid, "process_started": mark.started}
    created = int((time.time() - age_seconds) * 1_000)
    return StoredGeneration(7, state, False, settings | {"created_at": created} | changed)


def test_a_promotion_as_plain_values() -> None:
    moved = Promotion(3, None, moved=True)
    assert moved.as_dict() == {"generation": 3, "previous": None, "moved": True}


def test_back_is_the_one_that_was_in_service_before() -> None:
    known = [_stored(5, previous=4), _stored(4, serving=True, previous=2), _stored(2)]
    assert generations.previous_of(known) == 2


def test_without_one_before_there_is_no_way_back() -> None:
    with pytest.raises(NotFound, match="nothing is in service") as nothing:
        generations.previous_of([_stored(2, previous=1), _stored(1)])
    assert nothing.value.hint == "engine train && engine publish"
    with pytest.raises(NotFound, match="generation 2 is the first") as first:
        generations.previous_of([_stored(2, serving=True), _stored(1)])
    assert "engine promote N" in first.value.hint


def test_a_candidate_of_a_living_process_is_in_progress() -> None:
    assert generations.in_progress(_publisher("candidate"))
    assert not generations.in_progress(_publisher("published"))
    assert not generations.in_progress(_publisher("removing"))
    assert not generations.in_progress(StoredGeneration(7, "candidate", False, {}))


def test_what_waits_is_that_of_its_own_process_to_remove() -> None:
    assert not generations.in_progress(_publisher("ready"))
    parent = psutil.Process().parent()
    assert parent is not None
    other = {"pid": parent.pid, "process_started": parent.create_time()}
    assert generations.in_progress(_publisher("ready", **other))
    # A dead process of the same number is another process.
    assert not generations.in_progress(_publisher("candidate", process_started=1.0))


def test_a_process_of_another_machine_counts_for_a_day() -> None:
    away = {"host": "elsewhere/pid:[1]"}
    assert generations.in_progress(_publisher("candidate", age_seconds=86_000, **away))
    assert not generations.in_progress(_publisher("candidate", age_seconds=86_800, **away))
    assert not generations.in_progress(_publisher("candidate", age_seconds=86_800))


def test_a_reason_names_who_and_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    by_process = generations.reason("publish", "engine publish")
    assert (by_process.kind, by_process.who) == ("publish", f"ada@{platform.node()}")
    by_key = generations.reason("rollback", "complaints", "key shop")
    assert (by_key.kind, by_key.why) == ("rollback", "complaints")
    assert by_key.who == f"key shop@{platform.node()}"

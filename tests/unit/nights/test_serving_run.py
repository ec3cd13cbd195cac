"""The number of a run means something in the registry that made it only."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.evaluation.protocols import NextBasket, SingleSplit, Window
from engine.graph.stored_generations import StoredGeneration
from engine.nights.serving_run import run_of, trained_for
from engine.store.registry import Registry
from engine.store.registry_schema import open_registry_engine


@pytest.fixture
def registry(home: Path) -> Iterator[Registry]:
    engine = open_registry_engine(f"sqlite:///{home / 'registry.sqlite'}")
    yield Registry(engine)
    engine.dispose()


def _registered(registry: Registry, generation: int) -> int:
    run = registry.start_run("lightgcn", {}, 1, 0, "test")
    registry.add_generation(generation, run, "lightgcn", 8, {})
    return run


def _stored(number: int, **settings: Any) -> StoredGeneration:
    created = round(time.time() * 1_000)
    return StoredGeneration(number, "published", True, {"created_at": created} | settings)


def test_the_run_of_a_generation_of_this_home_is_found(registry: Registry) -> None:
    _registered(registry, 3)
    run = _registered(registry, 4)
    found = run_of(registry, _stored(4, run=run))
    assert found is not None
    assert found.id == run


def test_a_generation_of_another_home_has_no_run_here(registry: Registry) -> None:
    run = _registered(registry, 4)
    unknown = _stored(5, run=run)
    assert run_of(registry, unknown) is None, "this registry never made it"
    other = _stored(4, run=run + 1)
    assert run_of(registry, other) is None, "its number means another run here"


def test_a_plain_method_has_no_run(registry: Registry) -> None:
    registry.add_generation(4, None, "popular", 1, {})
    assert run_of(registry, _stored(4, plain="popular")) is None


def test_a_split_by_time_is_a_window_and_baskets_are_something_else(registry: Registry) -> None:
    baskets = registry.run(registry.start_run("als", NextBasket(7, 1).settings(), 1, 0, "test"))
    window = registry.run(registry.start_run("als", Window(7, 1).settings(), 1, 0, "test"))
    split = registry.run(registry.start_run("als", SingleSplit().settings(), 1, 0, "test"))
    found = [
        [trained_for(run, tonight) for tonight in (Window(7, 1), SingleSplit(), NextBasket(5, 1))]
        for run in (window, split, baskets)
    ]
    assert found == [
        [None, None, "window"],
        [None, None, "split"],
        ["next-basket", "next-basket", None],
    ]

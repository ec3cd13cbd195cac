"""Nights as the registry recorded them, read for people."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.nights import night_reports
from engine.store.registry import Registry
from engine.store.registry_schema import open_registry_engine

HELD = {"file": "a.csv", "held": "bad-rows", "message": "9 of 9 rows cannot be events"}
FIT = {"file": "b.csv", "held": None, "message": ""}
RULE = {"name": "users", "asked": ">= 30", "measured": "12", "passed": False, "message": "Too few."}


@pytest.fixture
def registry(home: Path) -> Iterator[Registry]:
    engine = open_registry_engine(f"sqlite:///{home / 'registry.sqlite'}")
    yield Registry(engine)
    engine.dispose()


def _gate(**more: Any) -> dict[str, Any]:
    figures = {"ndcg@20": 0.2, "coverage": 0.5}
    return {
        "name": "lightgcn",
        "digests": {"lightgcn": "d"},
        "judged_by": "generation 3: its twin",
        "measured": {"lightgcn": figures, "generation 3": figures, "popular": figures},
        "window": {"days": 7.0},
        "rules": {"lightgcn": [RULE]},
        "causes": ["lightgcn: Too few."],
    } | more


def _night(registry: Registry, *steps: tuple[str, dict[str, Any]]) -> night_reports.NightReport:
    night = registry.nights.begin("asked")
    for name, result in steps:
        registry.nights.record_step(night.id, name, result, 1.5)
    registry.nights.finish(night.id, "finished", "kept")
    return night_reports.reports(registry, 1)[0]


def test_causes_name_held_files_first_and_then_what_steps_found() -> None:
    found = night_reports.causes([FIT, HELD], {"causes": ["one"]}, {}, {"causes": ["two"]})
    assert found == ["a.csv was held back (bad-rows): 9 of 9 rows cannot be events.", "one", "two"]


def test_a_night_without_new_data_has_no_window(registry: Registry) -> None:
    look = {"new_events": 0, "serving": 3}
    one = _night(registry, ("load", {"files": [FIT]}), ("look", look))
    assert (one.window, one.measured, one.rules) == ({}, (), {})
    assert (one.generation, one.served, one.new_events) == (3, None, 0)
    assert (one.causes, one.seconds) == ((), 3.0)


def test_methods_have_the_part_they_played(registry: Registry) -> None:
    one = _night(registry, ("look", {"serving": 3, "new_events": 5}), ("gate", _gate()))
    roles = {method.name: method.role for method in one.measured}
    assert roles == {"lightgcn": "candidate", "generation 3": "in-service", "popular": "plain"}
    assert one.causes == ("lightgcn: Too few.",)
    assert one.rules == {"lightgcn": [RULE]}


def test_a_plain_method_in_service_is_reported_as_in_service(registry: Registry) -> None:
    gate = _gate(judged_by="popular: the plain method itself")
    one = _night(registry, ("look", {"serving": 3}), ("gate", gate))
    assert {method.name: method.role for method in one.measured}["popular"] == "in-service"


def test_a_figure_that_is_not_finite_is_none(registry: Registry) -> None:
    measured = {"lightgcn": {"ndcg@20": math.nan, "coverage": 0.5}}
    one = _night(registry, ("gate", _gate(measured=measured)))
    assert (one.measured[0].quality, one.measured[0].coverage) == (None, 0.5)


def test_what_was_promoted_is_what_serves(registry: Registry) -> None:
    one = _night(
        registry,
        ("look", {"serving": 3}),
        ("gate", _gate()),
        ("publish", {"generation": 4, "rules": {"published": [RULE]}}),
        ("promote", {"generation": 4}),
    )
    assert (one.generation, one.served) == (4, "lightgcn")
    assert set(one.rules) == {"lightgcn", "published"}


def test_the_newest_nights_come_first(registry: Registry) -> None:
    for _ in range(3):
        _night(registry)
    assert [one.number for one in night_reports.reports(registry, 2)] == [3, 2]


def test_a_held_file_is_named_with_its_code_and_message() -> None:
    note = night_reports.held_note(
        {"file": "a.csv", "held": "truncated", "message": "it was cut off"}
    )
    assert note == "a.csv was held back (truncated): it was cut off."

"""What the gate writes down: runs that can be compared, complaints, figures, notes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.config import Settings
from engine.data.interactions import Interactions
from engine.evaluation.gate import GateRule
from engine.evaluation.hold_out_window import WindowQuality
from engine.nights import night_verdict
from engine.nights.contenders import Contenders
from engine.nights.night_steps import NightContext
from engine.nights.retrain_request import RetrainRequest
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

from .conftest import DAY, FIRST, hundred_days

NO_GRAPH: GraphClient = None  # type: ignore[assignment]


def _context(registry: Registry, home: Path, events: Interactions, watermark: int) -> NightContext:
    """A night that has pulled its events already."""
    settings = Settings(home=home)
    context = NightContext(settings, RetrainRequest(), (NO_GRAPH, registry), 1, lambda *_: None)
    context.pulled = (events, np.full(len(events), -1), watermark)
    return context


def _trained(registry: Registry, watermark: int) -> dict[str, Any]:
    return {"run": registry.start_run("lightgcn", {}, watermark, 0, "test"), "seconds": 1.0}


def test_by_time_every_run_is_compared(registry: Registry, home: Path) -> None:
    context = _context(registry, home, hundred_days(), 5)
    trained = {"a": _trained(registry, 4), "b": {"run": None, "failed": "no facts"}}
    runs, late = night_verdict.comparable_runs(context, trained)
    assert {model: run.id for model, run in runs.items()} == {"a": trained["a"]["run"]}
    assert late == []


def test_at_random_only_runs_that_saw_tonights_events_are(registry: Registry, home: Path) -> None:
    context = _context(registry, home, hundred_days(timed=False), 5)
    trained = {"a": _trained(registry, 4), "b": _trained(registry, 5), "c": {"run": None}}
    runs, late = night_verdict.comparable_runs(context, trained)
    assert list(runs) == ["b"]
    assert late == [
        "a: events arrived while it was trained, and a random hold-out must be of the same "
        "events; it is judged the next night"
    ]


def test_every_failure_is_a_sentence() -> None:
    rules = {
        "a": [GateRule("users", "1", "2", True), GateRule("level", "1", "0", False, "too low")],
        "b": [GateRule("users", "1", "0", False, "too few")],
    }
    trained = {"a": {"run": 1}, "c": {"run": None, "failed": "needs facts"}}
    told = night_verdict.complaints(trained, rules)
    assert told == ["c: needs facts", "a: too low", "b: too few"]


def test_figures_have_six_digits() -> None:
    found = night_verdict.figures(WindowQuality(np.array([0.1234567, 0.0]), 2 / 3))
    assert found == {"ndcg@20": 0.061728, "coverage": 0.666667}


def test_a_window_by_time_is_described(registry: Registry, home: Path) -> None:
    context = _context(registry, home, hundred_days(), 5)
    context.contenders = Contenders.tonight(context.settings, context.events, 10.0, 1)
    assert night_verdict.described_window(context) == {
        "split": "time",
        "protocol": "window",
        "begins": "2024-02-12T22:13:20+00:00",
        "days": 10.0,
        "events": 10,
        "users": 4,
    }
    assert context.contenders.window.begins == FIRST + 90 * DAY


def test_a_window_at_random_has_no_time(registry: Registry, home: Path) -> None:
    described = night_verdict.described_window(
        _context(registry, home, hundred_days(timed=False), 5)
    )
    assert (described["split"], described["begins"], described["days"]) == ("random", None, 0.0)
    assert described["events"] > 0


def test_too_few_events_keep_what_serves(registry: Registry, home: Path) -> None:
    one = hundred_days().select(np.arange(100) == 7)
    found = night_verdict.judge(_context(registry, home, one, 5), {})
    assert (found["serve"], found["name"], found["run"], found["judged_by"]) == (
        *("keep", None, None, None),
    )
    assert found["causes"][0].startswith("Too little to judge on: ")
    assert [found[name] for name in ("window", "measured", "rules", "digests")] == [{}] * 4


def test_nothing_is_published_where_what_serves_is_kept(registry: Registry, home: Path) -> None:
    context = _context(registry, home, hundred_days(), 5)
    nothing = {"generation": None, "rules": {}, "causes": []}
    assert night_verdict.publish_one(context, {"serve": "keep"}) == nothing
    kept = night_verdict.promote(context, {"causes": ["as it is"]}, nothing)
    assert kept == {"generation": None, "causes": []}


@pytest.mark.parametrize(("untimed", "told"), [(0, 0), (1, 1), (60, 1)])
def test_events_without_a_time_are_noted(
    registry: Registry, home: Path, untimed: int, told: int
) -> None:
    events = hundred_days()
    at = np.where(np.arange(100) < untimed, 0, events.at)
    changed = Interactions.of(events.users, events.items, events.user, events.item, at=at)
    notes = night_verdict.window_notes(_context(registry, home, changed, 5))
    assert len(notes) == told
    assert all(note.startswith(f"{untimed} of 100 events") for note in notes)

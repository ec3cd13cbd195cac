"""What the gate writes down: runs that can be compared, complaints, figures, notes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.config import Settings
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.evaluation.gate import GateRule
from engine.evaluation.hold_out_window import WindowQuality
from engine.evaluation.protocols import (
    EvaluationProtocol,
    NextBasket,
    NextItemProtocol,
    SingleSplit,
    Window,
)
from engine.nights import night_steps, night_verdict
from engine.nights.contenders import Contenders
from engine.nights.night_steps import NightContext
from engine.nights.retrain_request import RetrainRequest
from engine.nights.serving_run import ServingMethod
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

from .conftest import DAY, FIRST, hundred_days

NO_GRAPH: GraphClient = None  # type: ignore[assignment]


def _context(
    registry: Registry, home: Path, events: Interactions, watermark: int, protocol: str = "window"
) -> NightContext:
    """A night that has pulled its events already."""
    request = RetrainRequest(protocol=protocol, ranker=False)
    context = NightContext(Settings(home=home), request, (NO_GRAPH, registry), 1, lambda *_: None)
    context.pulled = (events, np.full(len(events), -1), watermark)
    return context


def _trained(registry: Registry, watermark: int, protocol: EvaluationProtocol) -> dict[str, Any]:
    settings = protocol.settings()
    return {"run": registry.start_run("lightgcn", settings, watermark, 0, "test"), "seconds": 1.0}


def test_by_time_every_run_is_compared(registry: Registry, home: Path) -> None:
    context = _context(registry, home, hundred_days(), 5)
    tonight = context.contenders.cut.protocol
    trained = {"a": _trained(registry, 4, tonight), "b": {"run": None, "failed": "no facts"}}
    runs, late = night_verdict.comparable_runs(context, trained)
    assert {model: run.id for model, run in runs.items()} == {"a": trained["a"]["run"]}
    assert late == []


def test_at_random_only_runs_that_saw_tonights_events_are(registry: Registry, home: Path) -> None:
    context = _context(registry, home, hundred_days(timed=False), 5)
    tonight = context.contenders.cut.protocol
    trained = {
        "a": _trained(registry, 4, tonight),
        "b": _trained(registry, 5, tonight),
        "c": {"run": None},
    }
    runs, late = night_verdict.comparable_runs(context, trained)
    assert list(runs) == ["b"]
    assert late == [
        "a: events arrived while it was trained, and what is held out without a cut in time must "
        "be of the same events; it is judged the next night"
    ]


def test_a_last_event_is_asked_for_of_runs_that_saw_tonights_events(
    registry: Registry, home: Path
) -> None:
    context = _context(registry, home, hundred_days(), 5, "next-item")
    trained = {str(n): _trained(registry, n, NextItemProtocol()) for n in (4, 5)}
    assert list(night_verdict.comparable_runs(context, trained)[0]) == ["5"]


@pytest.mark.parametrize("protocol", ["window", "next-basket"])
def test_figures_of_two_protocols_are_not_compared(
    registry: Registry, home: Path, protocol: str
) -> None:
    context = _context(registry, home, hundred_days(), 5, protocol)
    tonight = context.contenders.cut.protocol
    end = FIRST - FIRST % DAY + 100 * DAY
    others = [
        Window(7, 1, end),
        NextBasket(7, 1, end),
        NextItemProtocol(),
        Window(6, 1, end),
        NextBasket(7, 1, end - DAY),
        SingleSplit("time", 0.2),
    ]
    assert tonight in others
    trained = {str(n): _trained(registry, 5, one) for n, one in enumerate(others)}
    runs, refused = night_verdict.comparable_runs(context, trained)
    assert list(runs) == [str(others.index(tonight))]
    assert len(refused) == len(others) - 1
    assert (
        f"2: it was trained for another protocol, protocol=next-item, than the gate judges by, "
        f"protocol={protocol} window_days=7 cuts=1 window_end={end}, and figures of two are not "
        "compared"
    ) in refused


def test_of_what_serves_it_is_told_what_it_was_trained_for_or_why_it_is_not_judged() -> None:
    worth = WindowQuality(np.ones(3), 0.5)
    told = night_verdict.serving_notes
    assert told(None, "window") == []
    assert told(ServingMethod(3, "generation 3", worth, "its twin"), "window") == []
    other = ServingMethod(3, "generation 3", worth, "its twin", "window")
    assert told(other, "next-basket") == [
        "generation 3 was trained for --protocol window, which chose how it is served; its figure "
        "is by next-basket, as all others are."
    ]
    gone = ServingMethod(3, "generation 3", None, "its run is not in this registry")
    assert told(gone, "window") == [
        "generation 3 cannot be judged: its run is not in this registry."
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
    request = RetrainRequest(window_days=10.0, seed=1)
    data = TrainingData(context.events)
    context.contenders = Contenders.tonight(context.settings, data, request)
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
    assert found["protocol"] == {"protocol": "window"}


@pytest.mark.parametrize("protocol", ["next-basket", "next-item"])
def test_without_times_baskets_and_items_are_not_judged_and_what_serves_stays(
    registry: Registry, home: Path, protocol: str
) -> None:
    context = _context(registry, home, hundred_days(timed=False), 5, protocol)
    assert night_steps.train_one(context, "lightgcn")["run"] is None
    found = night_verdict.judge(context, {"lightgcn": {"run": None, "failed": "no times"}})
    assert (found["serve"], found["protocol"]) == ("keep", {"protocol": protocol})
    assert found["causes"] == [
        "Too little to judge on: 100 of 100 events have no time, so there is no earlier and later."
    ]


@pytest.mark.parametrize("protocol", ["window", "next-basket", "next-item"])
def test_the_night_records_by_what_it_judged(registry: Registry, home: Path, protocol: str) -> None:
    context = _context(registry, home, hundred_days(), 5, protocol)
    described = night_verdict.described_window(context)
    kind = "leave-last-out" if protocol == "next-item" else "time"
    assert (described["protocol"], described["split"]) == (protocol, kind)
    assert (described["begins"] is None) is (protocol == "next-item")


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

"""Reports of past nights, from what the registry recorded of each."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from engine.data.experiment_definition import Experiment
from engine.data.online_trial import CANDIDATE, IN_SERVICE
from engine.store.registry import Registry
from engine.store.registry_records import Night

Role = Literal["candidate", "in-service", "plain"]
_QUALITY = "ndcg@20"
_ENDED = {CANDIDATE: "promoted", IN_SERVICE: "rolled-back"}


@dataclass(frozen=True)
class ReportedMethod:
    """What one contender was worth on a night's window.

    Attributes:
        role: A plain method that is in service counts as in service.
        quality: Mean ndcg@20; None where it was not finite.
        coverage: Share of the items that it shows to anybody.
    """

    name: str
    role: Role
    quality: float | None
    coverage: float | None


@dataclass(frozen=True)
class ReportedTrial:
    """The trial of a night's candidate.

    Attributes:
        experiment: Its name.
        state: ``running``, ``promoted``, ``rolled-back`` or ``ended``: nothing was shown.
        why: It ended; None: it runs, or a person stopped it.
    """

    experiment: str
    generation: int | None
    state: str
    stopped_at: datetime | None
    why: str | None


@dataclass(frozen=True)
class NightReport:
    """One night.

    Attributes:
        outcome: How it ended, None where it did not.
        seconds: Of its steps.
        causes: What somebody should know: why a file was held, which rule failed by how much.
        files: What became of the files that waited.
        window: Days, events and users of the held-out window, and the protocol by which everything
            was judged on it; empty where nothing was.
        rules: Candidate to its rules.
        generation: In service at the end, as far as it got.
        served: What went into service, None where nothing new did.
        trial: That of its candidate, as it is now.
    """

    number: int
    status: str
    outcome: str | None
    started_at: datetime
    finished_at: datetime | None
    seconds: float
    causes: tuple[str, ...]
    files: tuple[Mapping[str, Any], ...]
    new_events: int
    window: Mapping[str, Any]
    measured: tuple[ReportedMethod, ...]
    rules: Mapping[str, Sequence[Mapping[str, Any]]]
    judged_by: str | None
    generation: int | None
    served: str | None
    trial: ReportedTrial | None = None


def held_note(one: Mapping[str, Any]) -> str:
    """Return a sentence about a file that was held back; ``one`` is a recorded ``FileOutcome``."""
    return f"{one['file']} was held back ({one['held']}): {one['message']}."


def reports(registry: Registry, limit: int) -> list[NightReport]:
    """Return the newest nights, newest first."""
    trials = {one.trial.night: one for one in registry.experiments.all() if one.trial is not None}
    return [_report(night, trials.get(night.id)) for night in registry.nights.nights(limit)]


def causes(files: Iterable[Mapping[str, Any]], *steps: Mapping[str, Any]) -> list[str]:
    """Return what somebody should know of a night: files that were held, then what steps say."""
    held = [held_note(one) for one in files if one["held"]]
    return held + [cause for step in steps for cause in step.get("causes", ())]


def _report(night: Night, trial: Experiment | None) -> NightReport:
    steps: dict[str, Mapping[str, Any]] = {step.name: step.result for step in night.steps}
    waited = steps.get("wait", {})
    look, gate = steps.get("look", waited), steps.get("gate", {})
    published, flipped = steps.get("publish", {}), steps.get("promote", {})
    files = steps.get("load", {}).get("files", ())
    rankers = [result for name, result in steps.items() if name.startswith("rank ")]
    said = steps.get("decide", {}), waited, *rankers, gate, published, flipped
    promoted = flipped.get("generation")
    return NightReport(
        number=night.id,
        status=night.status,
        outcome=night.outcome,
        started_at=night.started_at,
        finished_at=night.finished_at,
        seconds=sum(step.seconds for step in night.steps),
        causes=tuple(causes(files, *said)),
        files=tuple(files),
        new_events=look.get("new_events", 0),
        window=gate.get("window", {}),
        measured=_measured(gate),
        rules={**gate.get("rules", {}), **published.get("rules", {})},
        judged_by=gate.get("judged_by"),
        generation=look.get("serving") if promoted is None else promoted,
        served=None if promoted is None else gate.get("name"),
        trial=None if trial is None else _trial(trial),
    )


def _trial(one: Experiment) -> ReportedTrial:
    state = "running" if one.stopped_at is None else _ENDED.get(one.winner or "", "ended")
    candidate = None if one.trial is None else one.trial.candidate
    return ReportedTrial(one.name, candidate, state, one.stopped_at, one.stop_reason)


def _measured(gate: Mapping[str, Any]) -> tuple[ReportedMethod, ...]:
    in_service = (gate.get("judged_by") or "").partition(": ")[0]
    found = []
    for name, figures in gate.get("measured", {}).items():
        role: Role = "candidate" if name in gate["digests"] else "plain"
        if name == in_service:
            role = "in-service"
        quality, coverage = _finite(figures[_QUALITY]), _finite(figures["coverage"])
        found.append(ReportedMethod(name, role, quality, coverage))
    return tuple(found)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None

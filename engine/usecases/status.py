"""What there is: the graph's counts and how fresh it is, training runs, nights."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from engine.config import Settings
from engine.connections.session import open_graph, open_registry
from engine.graph import census
from engine.nights import night_reports
from engine.nights.night_reports import NightReport, ReportedTrial
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry
from engine.store.registry_records import Run

__all__ = [
    "EngineStatus",
    "NightReport",
    "ReportedTrial",
    "Run",
    "graph_status_of",
    "list_nights",
    "list_runs",
    "night_reports_of",
    "read_status",
    "show_run",
    "status_of",
    "status_with",
]

night_reports_of = night_reports.reports


@dataclass(frozen=True)
class EngineStatus:
    """One look at the engine.

    Attributes:
        quarantined: Rows of all loads that were set aside.
        quarantine: Those by code.
        serving_generation: None before the first publish.
        generation_on_trial: What a part of the users gets before it serves everybody, or None.
        newest_event_at: None where no event has a time.
        newest_event_age_seconds: How long ago that was.
    """

    users: int
    items: int
    entities: int
    events: int
    facts: int
    quarantined: int
    quarantine: Mapping[str, int]
    batches: int
    serving_generation: int | None
    newest_event_at: datetime | None
    newest_event_age_seconds: float | None
    generation_on_trial: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, the moment in ISO 8601."""
        at = self.newest_event_at
        return asdict(self) | {"newest_event_at": None if at is None else at.isoformat()}


@dataclass(frozen=True)
class GraphStatus:
    """What the graph alone knows of an ``EngineStatus``."""

    counts: census.Census
    newest_event_at: datetime | None
    serving_generation: int | None


def read_status(settings: Settings, *, now: datetime | None = None) -> EngineStatus:
    """Count what is there; ``now`` is what the age is measured against."""
    with open_graph(settings) as graph, open_registry(settings) as registry:
        return status_of(graph, registry, now=now)


def status_of(
    graph: GraphClient, registry: Registry, *, now: datetime | None = None
) -> EngineStatus:
    """Return what ``read_status`` does, over stores that are open."""
    return status_with(graph_status_of(graph), registry, now=now)


def graph_status_of(graph: GraphClient) -> GraphStatus:
    """Count what the graph holds."""
    return GraphStatus(
        census.count(graph), census.newest_event(graph), census.serving_generation(graph)
    )


def status_with(
    held: GraphStatus, registry: Registry, *, now: datetime | None = None
) -> EngineStatus:
    """Add what the registry knows: a service waits for the two stores apart from each other."""
    newest = held.newest_event_at
    age = None if newest is None else ((now or datetime.now(UTC)) - newest).total_seconds()
    return EngineStatus(
        **asdict(held.counts),
        quarantined=registry.totals()["quarantined"],
        quarantine=registry.quarantine_counts(),
        serving_generation=held.serving_generation,
        newest_event_at=newest,
        newest_event_age_seconds=age,
        generation_on_trial=_on_trial(registry),
    )


def _on_trial(registry: Registry) -> int | None:
    trials = (one.trial for one in registry.experiments.trials())
    return next((trial.candidate for trial in trials if trial is not None), None)


def list_runs(settings: Settings, *, limit: int) -> list[Run]:
    """Return the newest training runs, newest first."""
    with open_registry(settings) as registry:
        return registry.runs(limit)


def show_run(settings: Settings, run_id: int) -> Run:
    """Return one training run.

    Raises:
        NotFound: No such run.
    """
    with open_registry(settings) as registry:
        return registry.run(run_id)


def list_nights(settings: Settings, limit: int = 40) -> list[dict[str, Any]]:
    """Return the newest nights, newest first: how each ended and when, and its steps.

    ``night_reports_of`` tells more of each, over a registry that is open.
    """
    with open_registry(settings) as registry:
        found = registry.nights.nights(limit)
    return [vars(one) | {"steps": [step.name for step in one.steps]} for one in found]

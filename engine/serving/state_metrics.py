"""Gauges of what there is: freshness, what loads set aside, verdict and figures of a night.

Moments are given as such, in seconds since 1970, so that an age is ``time() - moment``.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from engine.serving.state_watch import EngineState
from engine.usecases.status import EngineStatus, NightReport

_Labelled = Iterable[tuple[tuple[str, ...], float | None]]


class StateMetrics(Collector):
    """Shows the last look at the engine; nothing before the first.

    Args:
        state: Returns it.
    """

    def __init__(self, state: Callable[[], EngineState | None]) -> None:
        self._state = state

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield every gauge; what is not known has no sample."""
        state = self._state()
        if state is None:
            return
        yield from _of_status(state.status)
        yield _gauge(
            "engine_generation_promoted_timestamp_seconds",
            "Since when the generation in service is so",
            (),
            [((), _seconds(state.promoted_at))],
        )
        if state.night is not None:
            yield from _of_night(state.night)
        if state.judged is not None:
            yield from _of_judgement(state.judged)


def _of_status(status: EngineStatus) -> Iterator[GaugeMetricFamily]:
    yield _gauge(
        "engine_newest_event_timestamp_seconds",
        "When the newest event of the graph happened",
        (),
        [((), _seconds(status.newest_event_at))],
    )
    kinds = ("users", "items", "entities", "events", "facts")
    yield _gauge(
        "engine_graph_size",
        "What the graph holds, by kind",
        ("kind",),
        [((kind,), getattr(status, kind)) for kind in kinds],
    )
    yield _gauge(
        "engine_quarantined_rows",
        "Rows of all loads that were set aside, by the code of the reason",
        ("code",),
        [((code,), rows) for code, rows in status.quarantine.items()],
    )


def _of_night(night: NightReport) -> Iterator[GaugeMetricFamily]:
    yield _gauge(
        "engine_night_finished_timestamp_seconds",
        "When the last night ended",
        (),
        [((), _seconds(night.finished_at))],
    )
    yield _gauge("engine_night_seconds", "Of its steps", (), [((), night.seconds)])
    yield _gauge(
        "engine_night_outcome",
        "The verdict of the last night: 1 for what it was",
        ("outcome",),
        [((night.outcome or "",), 1.0)],
    )


def _of_judgement(night: NightReport) -> Iterator[GaugeMetricFamily]:
    who = ("contender", "role")
    yield _gauge(
        "engine_night_quality",
        "Mean ndcg@20 of a contender of the last night that judged any",
        who,
        [((one.name, one.role), one.quality) for one in night.measured],
    )
    yield _gauge(
        "engine_night_coverage",
        "Share of the items that a contender of that night shows to anybody",
        who,
        [((one.name, one.role), one.coverage) for one in night.measured],
    )
    yield _gauge(
        "engine_night_rule_passed",
        "Whether a candidate of that night kept a rule of the gate",
        ("candidate", "rule"),
        [
            ((candidate, rule["name"]), float(rule["passed"]))
            for candidate, rules in night.rules.items()
            for rule in rules
        ],
    )


def _seconds(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()


def _gauge(name: str, help_: str, labels: tuple[str, ...], samples: _Labelled) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(name, help_, labels=labels)
    for values, value in samples:
        if value is not None:
            gauge.add_metric(values, value)
    return gauge

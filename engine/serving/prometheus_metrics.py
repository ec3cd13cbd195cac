"""Counters and times for Prometheus."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from engine.data.experiment_definition import ShownVariant

# Answers should take less than 60 ms: the buckets are finest there.
_SECONDS = (0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0, 5.0)


class Metrics:
    """One set for one service; nothing global, so that two in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "engine_requests",
            "Requests by route and status",
            ("route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "engine_request_seconds",
            "Time to answer by route",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.degraded = Counter(
            "engine_degraded_answers",
            "Lists made from memory, by cause",
            ("cause",),
            registry=self.registry,
        )
        self.events = Counter(
            "engine_events", "Events by what became of them", ("outcome",), registry=self.registry
        )
        self.refused_events = Counter(
            "engine_refused_events",
            "Events that were refused, by the code of the reason",
            ("code",),
            registry=self.registry,
        )
        self.list_seconds = Histogram(
            "engine_list_seconds",
            "Time to make a list, by which was asked for",
            ("list",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.variants = Counter(
            "engine_variants",
            "Lists of experiments by variant, and whether the control stood in for it",
            ("experiment", "variant", "outcome"),
            registry=self.registry,
        )

    def count_variant(self, shown: ShownVariant | None) -> None:
        """Count a list of a variant, those that failed apart."""
        if shown is not None:
            outcome = "failed" if shown.failed else "shown"
            self.variants.labels(shown.experiment, shown.variant, outcome).inc()

    def watch(self, name: str, help_: str, value: Callable[[], float]) -> None:
        """Show what ``value`` returns when somebody looks."""
        Gauge(name, help_, registry=self.registry).set_function(value)

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)

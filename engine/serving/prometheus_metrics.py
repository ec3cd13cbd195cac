"""Counters and times for Prometheus."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

# Answers should take less than 60 ms: the buckets are finest there.
_SECONDS = (0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0, 5.0)


class _Counted(Collector):
    def __init__(self, name: str, help_: str, value: Callable[[], float]) -> None:
        self._name, self._help, self._value = name, help_, value

    def collect(self) -> Iterator[CounterMetricFamily]:
        yield CounterMetricFamily(self._name, self._help, value=self._value())


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
        self.impressions = Counter(
            "engine_impressions",
            "Items that were reported as seen, by whether that was known",
            ("outcome",),
            registry=self.registry,
        )
        self.list_seconds = Histogram(
            "engine_list_seconds",
            "Time to make a list, by which was asked for",
            ("list",),
            buckets=_SECONDS,
            registry=self.registry,
        )

    def watch(self, name: str, help_: str, value: Callable[[], float]) -> None:
        """Show what ``value`` returns when somebody looks."""
        Gauge(name, help_, registry=self.registry).set_function(value)

    def count(self, name: str, help_: str, value: Callable[[], float]) -> None:
        """Show what ``value`` returns, which only grows, when somebody looks."""
        self.registry.register(_Counted(name, help_, value))

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)

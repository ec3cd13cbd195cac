"""Counters and times for Prometheus: of this process, or of all that serve together.

``prometheus_client`` decides which when it is imported: with ``PROMETHEUS_MULTIPROC_DIR`` set, a
value is a file of its process in that folder, and whoever is asked sums them all, those of
processes that have ended too.
"""

import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from engine.data.experiment_definition import ShownVariant

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"

# Answers should take less than 60 ms: the buckets are finest there.
_SECONDS = (0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0, 5.0)


@contextmanager
def shared_by_processes() -> Iterator[Callable[[int], None]]:
    """Let processes that are started meanwhile count together.

    Yields:
        What is to be told the id of each that has ended: what it had in hand counts no more.
    """
    with tempfile.TemporaryDirectory(prefix="engine-metrics-") as folder:
        os.environ[_FOLDER] = folder
        try:
            yield lambda id_: mark_process_dead(id_, folder)  # type: ignore[no-untyped-call]
        finally:
            del os.environ[_FOLDER]


class Metrics:
    """One set for one service; nothing global, so that two in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._folder = os.environ.get(_FOLDER)
        self._of_graph = CollectorRegistry()
        self._watched: list[tuple[Gauge, Callable[[], float]]] = []
        self._counted: dict[Counter, tuple[Callable[[], float], float]] = {}
        self._looking = threading.Lock()
        self.requests = self._counter("requests", "Requests by route and status", "route", "status")
        self.seconds = self._histogram("request_seconds", "Time to answer by route", "route")
        self.degraded = self._counter(
            "degraded_answers", "Lists made from memory, by cause", "cause"
        )
        self.events = self._counter("events", "Events by what became of them", "outcome")
        self.refused_events = self._counter(
            "refused_events", "Events that were refused, by the code of the reason", "code"
        )
        self.impressions = self._counter(
            "impressions", "Items that were reported as seen, by whether that was known", "outcome"
        )
        self.list_seconds = self._histogram(
            "list_seconds", "Time to make a list, by which was asked for", "list"
        )
        self.variants = self._counter(
            "variants",
            "Lists of experiments by variant, and whether the control stood in for it",
            "experiment",
            "variant",
            "outcome",
        )

    def _counter(self, name: str, help_: str, *labels: str) -> Counter:
        return Counter(f"engine_{name}", help_, labels, registry=self.registry)

    def _histogram(self, name: str, help_: str, label: str) -> Histogram:
        return Histogram(
            f"engine_{name}", help_, (label,), buckets=_SECONDS, registry=self.registry
        )

    def count_variant(self, shown: ShownVariant | None) -> None:
        """Count a list of a variant, those that failed apart."""
        if shown is not None:
            outcome = "failed" if shown.failed else "shown"
            self.variants.labels(shown.experiment, shown.variant, outcome).inc()

    def watch(
        self,
        name: str,
        help_: str,
        value: Callable[[], float],
        together: Literal["livesum", "livemin"] = "livemin",
    ) -> None:
        """Show what ``value`` returns; of several processes their sum or their least."""
        gauge = Gauge(name, help_, registry=self.registry, multiprocess_mode=together)
        self._watched.append((gauge, value))

    def add_of_graph(self, collector: Collector) -> None:
        """Show what is the same whichever process is asked."""
        self._of_graph.register(collector)

    def look(self) -> None:
        """Set what is watched; where several processes serve, so often as it may be old."""
        for gauge, value in self._watched:
            gauge.set(value())
        with self._looking:
            for counter, (value, seen) in self._counted.items():
                now = value()
                counter.inc(now - seen)
                self._counted[counter] = (value, now)

    def count(self, name: str, help_: str, value: Callable[[], float]) -> None:
        """Show what ``value`` returns, which only grows, when somebody looks."""
        self._counted[Counter(name, help_, registry=self.registry)] = (value, 0.0)

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        self.look()
        counted = self.registry
        if self._folder is not None:
            counted = CollectorRegistry()
            MultiProcessCollector(counted, self._folder)  # type: ignore[no-untyped-call]
        return generate_latest(counted) + generate_latest(self._of_graph)

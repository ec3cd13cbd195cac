"""What came of the lists of the last day, looked at now and then for whoever reads metrics."""

import logging
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from engine.config import Settings
from engine.errors import EngineError
from engine.serving.live_graph import LiveGraph
from engine.serving.ticker import Ticker
from engine.usecases.outcomes import OutcomeReport, OutcomeRequest, outcomes_of

_LOG = logging.getLogger(__name__)
_SECONDS = 60.0
_ANSWER_SECONDS = 10.0
_LAST_DAY = OutcomeRequest(days=1.0, within_days=1.0)


class OutcomeWatch(Collector):
    """Looks every minute where lists are remembered, so that a scrape waits for no database.

    While a database is away the last look stands; nothing is shown before the first.
    """

    def __init__(self, settings: Settings, graph: LiveGraph) -> None:
        self._days, self._graph = settings.list_days, graph
        self._report: OutcomeReport | None = None
        self._ticker = (
            Ticker("engine-outcomes", _SECONDS, self.look) if settings.remember_lists else None
        )

    def close(self) -> None:
        """Look no more."""
        if self._ticker is not None:
            self._ticker.close()

    def look(self) -> None:
        """Ask the graph now."""
        try:
            self._report = self._graph.ask(
                lambda graph: outcomes_of(graph, _LAST_DAY, self._days, _ANSWER_SECONDS)
            )
        except EngineError as error:
            _LOG.info("the outcomes could not be read: %s", error.message)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield every gauge."""
        if self._report is None:
            return
        group = next((one for one in self._report.groups if one.kept == "lists"), None)
        lists = GaugeMetricFamily(
            "engine_day_lists",
            "Remembered lists of the last day",
            value=group.lists if group else 0,
        )
        seen = GaugeMetricFamily(
            "engine_day_impressions",
            "Items of these lists that were reported as seen",
            value=group.impressions if group else 0,
        )
        events = GaugeMetricFamily(
            "engine_day_outcomes", "Events that name these lists, by kind", labels=("event",)
        )
        value = GaugeMetricFamily(
            "engine_day_outcome_value", "Sum of the weights of these events", labels=("event",)
        )
        for one in group.outcomes if group else ():
            events.add_metric((one.event,), one.events)
            value.add_metric((one.event,), one.value)
        lost = GaugeMetricFamily(
            "engine_day_unattributed",
            "Events that name a list of the last day and count for none, by the reason",
            labels=("reason",),
        )
        for reason, number in self._report.unattributed.items():
            lost.add_metric((reason,), number)
        yield from (lists, seen, events, value, lost)

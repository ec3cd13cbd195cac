"""What there is and how the last night went, looked at now and then for whoever reads metrics."""

import logging
from dataclasses import dataclass
from datetime import datetime

from engine.errors import EngineError
from engine.graph import census
from engine.serving.live_graph import LiveGraph
from engine.serving.ticker import Ticker
from engine.store.registry import Registry
from engine.usecases.status import EngineStatus, NightReport, night_reports_of, status_of

_LOG = logging.getLogger(__name__)
_SECONDS = 15.0
_NIGHTS = 20


@dataclass(frozen=True)
class EngineState:
    """One look.

    Attributes:
        promoted_at: Since when the generation in service is so; None where there is none.
        night: The last that ended; None before the first.
        judged: The last of which anything was judged; None before the first.
    """

    status: EngineStatus
    promoted_at: datetime | None
    night: NightReport | None
    judged: NightReport | None


class StateWatch:
    """Looks every 15 seconds, so that a scrape waits for no database; thread-safe.

    While a database is away the last look stands.
    """

    def __init__(self, graph: LiveGraph, registry: Registry) -> None:
        self._graph, self._registry = graph, registry
        self._state: EngineState | None = None
        self._ticker = Ticker("engine-state", _SECONDS, self._look)
        self._ticker.now()

    @property
    def state(self) -> EngineState | None:
        """What was seen last; None before the first look."""
        return self._state

    def close(self) -> None:
        """Look no more."""
        self._ticker.close()

    def _look(self) -> None:
        if self._graph.away:
            return
        try:
            status = self._graph.ask(lambda graph: status_of(graph, self._registry))
            promoted_at = self._graph.ask(census.promoted_at)
            nights = night_reports_of(self._registry, _NIGHTS)
        except EngineError as error:
            _LOG.info("the state could not be read: %s", error.message)
            return
        ended = [one for one in nights if one.outcome is not None]
        judged = (one for one in ended if one.measured)
        self._state = EngineState(status, promoted_at, next(iter(ended), None), next(judged, None))

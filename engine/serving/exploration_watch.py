"""What lists explore, read again every two minutes while some do; no answer waits for it."""

import logging
import threading
import time

from engine.answering import answers
from engine.config import Settings
from engine.errors import EngineError
from engine.serving.live_graph import LiveGraph
from engine.serving.ticker import Ticker
from engine.store.graph_client import GraphClient

_LOG = logging.getLogger(__name__)
_SECONDS = 120.0
_WANTED_SECONDS = 600.0


class ExplorationWatch:
    """One for a service; ``pool`` may be called by many threads.

    It reads nothing before a list asks, and nothing more ten minutes after the last that asked.
    While a database is away, what was read last stands.
    """

    def __init__(self, settings: Settings, graph: LiveGraph) -> None:
        self._remembers, self._graph = settings.remember_lists, graph
        self._lock = threading.Lock()
        self._pool: answers.ExplorationPool | None = None
        self._wanted_at = 0.0
        self._ticker: Ticker | None = None
        self._closed = False

    def pool(self, _: GraphClient) -> answers.ExplorationPool | None:
        """Return what to explore; None: lists are not remembered, or it is read just now."""
        if self._remembers:
            self._wanted_at = time.monotonic()
            if self._ticker is None:
                self._begin()
        return self._pool

    def look(self) -> None:
        """Read it now."""
        try:
            self._pool = self._graph.ask(answers.exploration_pool)
        except EngineError as error:
            _LOG.info("what is to be explored could not be read: %s", error.message)

    def close(self) -> None:
        """Read no more."""
        with self._lock:
            self._closed = True
        if self._ticker is not None:
            self._ticker.close()

    def _begin(self) -> None:
        with self._lock:
            if self._ticker is None and not self._closed:
                self._ticker = Ticker("engine-exploration", _SECONDS, self._look_if_wanted)
                self._ticker.now()

    def _look_if_wanted(self) -> None:
        if time.monotonic() - self._wanted_at < _WANTED_SECONDS:
            self.look()

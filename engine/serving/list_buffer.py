"""Answered lists on their way into the graph: kept in memory, written in batches by one thread.

No answer waits for it. While no server answers, lists wait; where more wait than there is room for,
the oldest go, and are counted.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from functools import partial

from engine.errors import AlreadyThere, EngineError, QueryFailed, QueryTooSlow
from engine.graph import remembered_lists
from engine.graph.remembered_lists import RememberedList
from engine.store.graph_client import GraphClient

MOST_WAITING = 20_000
"""Lists that may wait: some minutes of a busy shop, some 20 MB."""

_LOG = logging.getLogger(__name__)
_TOGETHER = 200
_EVERY_SECONDS = 0.1
_AGAIN_SECONDS = 1.0
_CLOSE_SECONDS = 2.0
_Ask = Callable[[Callable[[GraphClient], None]], None]


class ListBuffer:
    """One for a service; ``add`` may be called by many threads.

    Args:
        ask: Runs work on the graph, or raises where no server answers.
        most_waiting: How many lists may wait.

    Attributes:
        remembered: How many were written.
        dropped: How many were lost: no room, or no server until the end.
    """

    def __init__(self, ask: _Ask, most_waiting: int = MOST_WAITING) -> None:
        self._ask, self._most_waiting = ask, most_waiting
        self._changed = threading.Condition()
        self._queue: deque[RememberedList] = deque()
        self._closed = threading.Event()
        self._writer: threading.Thread | None = None
        self._writing = 0
        self.remembered = self.dropped = 0

    @property
    def waiting(self) -> int:
        """How many lists wait to be written."""
        return len(self._queue)

    def add(self, one: RememberedList) -> None:
        """Take a list; after the end it is counted as dropped."""
        with self._changed:
            if self._closed.is_set():
                self.dropped += 1
                return
            self._queue.append(one)
            self._drop_oldest()
            if self._writer is None:
                # A daemon: a server that hangs must not keep the process from ending.
                self._writer = threading.Thread(target=self._run, name="engine-lists", daemon=True)
                self._writer.start()
            self._changed.notify()

    def close(self) -> None:
        """Write what waits, as far as a server answers; count the rest as dropped."""
        with self._changed:
            self._closed.set()
            self._changed.notify()
        if self._writer is not None:
            self._writer.join(_CLOSE_SECONDS)
        with self._changed:
            lost = len(self._queue) + self._writing
            self._queue.clear()
            self.dropped += lost
        if lost:
            _LOG.warning("%d lists were not remembered: no Neo4j server took them", lost)

    def _run(self) -> None:
        while lists := self._next():
            last = self._closed.is_set()
            try:
                self._ask(partial(remembered_lists.write, lists=lists))
            except Exception as error:  # the thread must outlive whatever a list runs into
                again = isinstance(error, EngineError) and not _for_good(error)
                if again:
                    _LOG.info("%d lists wait to be remembered: %s", len(lists), error)
                else:
                    _LOG.exception("%d lists cannot be remembered", len(lists))
                self._end_of(lists, again=again, dropped=0 if again else len(lists))
                if last:
                    return
                self._closed.wait(_AGAIN_SECONDS)
            else:
                self._end_of(lists, remembered=len(lists))
                self._closed.wait(_EVERY_SECONDS)

    def _next(self) -> list[RememberedList]:
        """Wait for lists and return those that share a transaction; none when it is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closed.is_set())
            self._writing = min(_TOGETHER, len(self._queue))
            return [self._queue.popleft() for _ in range(self._writing)]

    def _end_of(
        self,
        lists: list[RememberedList],
        *,
        again: bool = False,
        remembered: int = 0,
        dropped: int = 0,
    ) -> None:
        with self._changed:
            self._writing = 0
            self.remembered += remembered
            self.dropped += dropped
            if again:
                self._queue.extendleft(reversed(lists))
                self._drop_oldest()

    def _drop_oldest(self) -> None:
        while len(self._queue) > self._most_waiting:
            self._queue.popleft()
            self.dropped += 1


def _for_good(error: EngineError) -> bool:
    return isinstance(error, QueryFailed) and not isinstance(error, AlreadyThere | QueryTooSlow)

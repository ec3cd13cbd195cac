"""Events that come in many small posts, from many clients, and go into few transactions.

A post waits while the one transaction before it is written; all that wait then share the next. Each
is answered when its own events are committed. Nobody waits in a queue that is too long to be
emptied in time: that post is refused at once.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from engine import tracing
from engine.config import Settings
from engine.connections.forgotten import ForgottenIds
from engine.errors import Busy
from engine.loading.event_posts import IntakeResult, Outcome, Post, write_posts
from engine.loading.locks import graph_not_replaced
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

MOST_WAITING = 20_000
"""Events that may wait: some seconds' work of a small server."""

_TOGETHER = 2_000
_IMPORT_WAIT_SECONDS = 0.5
_CLOSE_SECONDS = 2.0
_Ask = Callable[[Callable[[GraphClient], list[Outcome]]], list[Outcome]]


@dataclass(frozen=True, eq=False)
class _Waiting:
    post: Post
    taken: Future[IntakeResult] = field(default_factory=Future)


class EventIntake:
    """Takes events for as long as a service runs, which the registry keeps as one load.

    Args:
        settings: Which home.
        registry: Where the load is recorded.
        ask: Runs work on the graph, or raises where no server answers.
        most_waiting: How many events may wait; one post always may.
    """

    def __init__(
        self, settings: Settings, registry: Registry, ask: _Ask, most_waiting: int = MOST_WAITING
    ) -> None:
        self._settings, self._registry, self._ask = settings, registry, ask
        self._most_waiting = most_waiting
        self._changed = threading.Condition()
        self._queue: deque[_Waiting] = deque()
        self._events_waiting = 0
        self._closed = False
        self._writer: threading.Thread | None = None
        self._number: int | None = None
        self._known_forgotten: ForgottenIds | None = None
        self._accepted = self._duplicate = 0

    @property
    def events_waiting(self) -> int:
        """How many events wait for the transaction after the one that is being written."""
        return self._events_waiting

    def submit(self, events: Post) -> Future[IntakeResult]:
        """Return what will become of the events of one post; cancelled in time, it is not written.

        Args:
            events: Each is a map of fields to text, as a row of a file would be.

        Raises:
            Busy: Too many events wait already, or the service is ending.
        """
        waiting = _Waiting(events)
        with self._changed:
            if self._closed:
                raise Busy("the service is ending", hint="send the same again")
            if self._queue and self._events_waiting + len(events) > self._most_waiting:
                raise Busy(
                    f"{self._events_waiting} events are waiting to be written: nothing of this was",
                    hint="send the same again later",
                )
            if self._writer is None:
                # A daemon: a server that hangs must not keep the process from ending.
                self._writer = threading.Thread(target=self._run, name="engine-intake", daemon=True)
                self._writer.start()
            self._queue.append(waiting)
            self._events_waiting += len(events)
            self._changed.notify()
        return waiting.taken

    def close(self) -> None:
        """Refuse what waits, let the transaction that is being written end, record the counts."""
        with self._changed:
            self._closed = True
            for waiting in self._queue:
                waiting.taken.cancel()
            self._queue.clear()
            self._changed.notify()
        if self._writer is not None:
            self._writer.join(_CLOSE_SECONDS)
        if self._number is not None:
            self._registry.finish_ingest(
                self._number,
                rows_read=self._accepted + self._duplicate,
                accepted=self._accepted,
                duplicate=self._duplicate,
                quarantined=0,
                status="finished",
                quarantine_counts={},
            )

    def _run(self) -> None:
        while posts := self._next():
            try:
                outcomes = self._write([one.post for one in posts])
            except BaseException as error:  # the thread must outlive whatever a post runs into
                outcomes = [error] * len(posts)
            for one, outcome in zip(posts, outcomes, strict=True):
                if isinstance(outcome, IntakeResult):
                    one.taken.set_result(outcome)
                else:
                    one.taken.set_exception(outcome)

    def _next(self) -> list[_Waiting]:
        """Wait for posts and return those that share a transaction; none when it is over."""
        posts: list[_Waiting] = []
        rows = 0
        with self._changed:
            while not posts and not self._closed:
                self._changed.wait_for(lambda: self._queue or self._closed)
                while self._queue and (not posts or rows + len(self._queue[0].post) <= _TOGETHER):
                    one = self._queue.popleft()
                    self._events_waiting -= len(one.post)
                    if one.taken.set_running_or_notify_cancel():
                        posts.append(one)
                        rows += len(one.post)
        return posts

    def _write(self, posts: Sequence[Post]) -> list[Outcome]:
        with (
            tracing.span("load posted events", posts=len(posts)),
            graph_not_replaced(self._settings, _IMPORT_WAIT_SECONDS),
        ):
            number = self._load()
            forgotten = self._forgotten()
            oldest = self._settings.oldest_event()
            outcomes = self._ask(lambda graph: write_posts(graph, posts, number, forgotten, oldest))
        for one in outcomes:
            if isinstance(one, IntakeResult):
                self._accepted += one.accepted
                self._duplicate += one.duplicate
        return outcomes

    def _forgotten(self) -> ForgottenIds:
        """Return who is forgotten now; the lock that is held keeps anybody from being so after."""
        if self._known_forgotten is None:
            self._known_forgotten = ForgottenIds(self._registry, self._settings.home)
        return self._known_forgotten.refresh()

    def _load(self) -> int:
        if self._number is None:
            self._number = self._registry.start_ingest("engine serve", "", "events")
        return self._number

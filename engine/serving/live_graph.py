"""A connection that outlives its server: it notices when none answers, and when one does again.

While none answers nobody waits for it: callers get an error at once (a circuit breaker), and one
thread looks for the server.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection
from typing import TypeVar

from engine.config import Settings
from engine.connections import database, session
from engine.errors import EngineError, Unreachable
from engine.graph import census, stored_dislikes, stored_lists
from engine.graph.census import Stamps
from engine.graph.lists import popular_items
from engine.graph.lists.popular_items import PopularItems
from engine.graph.stored_lists import ListChange
from engine.serving.ticker import Ticker
from engine.store import graph_schema
from engine.store.graph_client import ClientLimits, GraphClient, Neo4jTarget
from engine.usecases import upkeep

T = TypeVar("T")
_LOG = logging.getLogger(__name__)
_LOOK_SECONDS = 0.5
_POPULAR_SECONDS = 30.0
_CHECK_SECONDS = 10.0
_MIGRATION_WAIT_SECONDS = 60.0


class LiveGraph:
    """The graph as a service sees it; thread-safe.

    Args:
        settings: Which server.
        limits: How long a caller of ``ask`` waits for what.
        warm: Asks what callers will ask, before any of them does: a server that has just started
            has no plans yet, and takes seconds for what later takes milliseconds.
    """

    def __init__(
        self, settings: Settings, limits: ClientLimits, warm: Callable[[GraphClient], None]
    ) -> None:
        self._settings, self._limits, self._warm = settings, limits, warm
        self._lock = threading.Lock()
        self._client: GraphClient | None = None
        self._suspect = False
        # Clients that were replaced, and since when: others may still be reading from them.
        self._replaced: list[tuple[float, GraphClient]] = []
        self._migrated = False
        self._popular: PopularItems | None = None
        self._popular_at = 0.0
        self._reading_popular = threading.Lock()
        self._list_changes: list[ListChange] = []
        self._seen: Stamps | None = None
        self._fault: str | None = None
        self._checked_at = 0.0
        self._connect_if_lost()
        self._watch()
        # Two threads: a server that hangs holds the one that reads until the other has given it up.
        self._connector = Ticker("engine-connect", _LOOK_SECONDS, self._connect_if_lost)
        self._watcher = Ticker("engine-watch", _LOOK_SECONDS, self._watch)

    def close(self) -> None:
        """Close every connection; what waits for a server that is frozen is woken by that."""
        self._connector.stop()
        self._watcher.stop()
        self._give_up()
        self._connector.close()
        self._give_up()  # the connector may have made one more meanwhile
        self._watcher.close()

    @property
    def away(self) -> bool:
        """Whether no server answered when last asked."""
        return self._client is None or self._suspect

    @property
    def popular(self) -> PopularItems | None:
        """The popular items of the generation last seen in service, None where none ever was."""
        return self._popular

    @property
    def list_changes(self) -> list[ListChange]:
        """What the graph says of named lists; a second old, or of when a server answered last."""
        return self._list_changes

    @property
    def fault(self) -> str | None:
        """What kept the graph from giving its best answers when it was last checked, or None."""
        return self._fault

    def ask(self, work: Callable[[GraphClient], T]) -> T:
        """Run ``work`` on the client.

        Only ``Unreachable`` speaks of the server: what else fails is the caller's alone.

        Raises:
            Unreachable: No server answers; nobody waited for it if that was known.
        """
        client = self._client
        if client is None or self._suspect:
            raise Unreachable("no Neo4j server answers")
        try:
            return work(client)
        except Unreachable:
            self._mark_unavailable(client)
            raise

    def mark_unavailable(self) -> None:
        """A request timed out: fail callers at once until a server answers."""
        if (client := self._client) is not None:
            self._mark_unavailable(client)

    def refresh_generation(self) -> None:
        """Read the generation in service again now, without waiting for the next tick."""
        self._popular_at = self._checked_at = 0.0
        self._watcher.now()

    def refresh_held(self, items: Collection[str]) -> None:
        """Read the popular items again where one of some items is among them.

        Afterwards memory shows none of them that is hidden or expired by now.
        """
        held = self._popular
        if held is None or not any(one.id in items for one in held.items):
            return
        try:
            self._read_popular()
        except EngineError as error:
            _LOG.info("the popular items could not be read: %s", error.message)
            self._popular = held.without(items)

    def refresh_dislikes(self, user: str) -> None:
        """Read what a user dislikes now, so that memory shows none of it."""
        with self._reading_popular:
            if (held := self._popular) is None:
                return
            ids = [one.id for one in held.items]
            found = self.ask(lambda graph: stored_dislikes.held(graph, ids, user))
            self._popular = held.with_dislikes(user, found.get(user))

    def _mark_unavailable(self, client: GraphClient) -> None:
        with self._lock:
            if client is self._client:
                self._suspect = True
        self._connector.now()

    def _connect_if_lost(self) -> None:
        self._close_old()
        if not self.away:
            return
        known = self._client is not None or not self._migrated
        try:
            self._connect()
        except EngineError as error:
            if known:
                _LOG.warning("no Neo4j server answers: %s", error.message)
            self._give_up()

    def _connect(self) -> None:
        target = self._target()
        client = GraphClient(target, limits=self._limits)
        try:
            with GraphClient(target) as batch_client:
                if not self._migrated:
                    graph_schema.apply(batch_client, wait_seconds=_MIGRATION_WAIT_SECONDS)
                self._warm(batch_client)
        except BaseException:
            client.close()
            raise
        if self._migrated:
            _LOG.warning("a Neo4j server answers again")
        self._migrated = True
        with self._lock:
            if self._client is not None:
                self._replaced.append((time.monotonic(), self._client))
            self._client, self._suspect = client, False

    def _watch(self) -> None:
        """Keep the popular items in memory up to date, and what is wrong with the graph."""
        if self.away:
            return
        self._check()
        try:
            now = self.ask(census.stamps)
            if now != self._seen:
                self._list_changes = self.ask(stored_lists.current)
            if now != self._seen or time.monotonic() - self._popular_at > _POPULAR_SECONDS:
                self._read_popular()
            self._seen = now
        except EngineError as error:
            _LOG.info("the popular items could not be read: %s", error.message)

    def _read_popular(self) -> None:
        # One at a time: what was read before a write must not replace what was read after it.
        with self._reading_popular:
            self._popular_at = time.monotonic()
            self._popular = self.ask(popular_items.read)

    def _check(self) -> None:
        """Look for faults, now and then; while there is one at each look, so that its end is seen.

        Here and not where a request asks whether the service is ready: that costs nothing then.
        """
        age = time.monotonic() - self._checked_at
        if self._checked_at and age < _CHECK_SECONDS and self._fault is None:
            return
        try:
            self._fault = self.ask(upkeep.serving_fault)
            self._checked_at = time.monotonic()
        except EngineError as error:
            _LOG.info("the graph could not be checked: %s", error.message)

    def _target(self) -> Neo4jTarget:
        """Return where the server is now; a local one that somebody stopped is not started."""
        if self._settings.neo4j_uri is not None:
            return session.target_of(self._settings)
        server = database.local_server(self._settings)
        state = server.running()
        if state is None or not state.ready:
            raise Unreachable("the local Neo4j does not run", hint="engine db start")
        return server.target(state)

    def _close_old(self) -> None:
        """Close clients that were replaced so long ago that nobody reads from them any more."""
        limits = self._limits
        transaction = max(limits.query or 0.0, limits.write or 0.0)
        longest = 2 * (limits.acquire + limits.retry + transaction)
        while self._replaced and time.monotonic() - self._replaced[0][0] > longest:
            self._replaced.pop(0)[1].close()

    def _give_up(self) -> None:
        """Close every client, so that who waits for a server that is gone may go."""
        with self._lock:
            clients = [client for _, client in self._replaced]
            clients += [self._client] if self._client is not None else []
            self._client, self._replaced = None, []
        for client in clients:
            client.close()

"""A connection: the settings, the graph held open while it is used, and how progress is shown."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Self

from engine.data.progress_callbacks import CountProgress, no_count

if TYPE_CHECKING:
    from engine.api.progress import ProgressReporter
    from engine.config import Settings


class EngineSession:
    """What every part of ``Engine`` works on; opens nothing before it is needed.

    Args:
        settings: Which graph, which home, which device.
        progress: Show how far long work is: bars on a terminal and in a notebook, otherwise lines
            of the logger ``engine.progress``. False shows nothing.
    """

    def __init__(self, settings: "Settings", *, progress: bool = True) -> None:
        self.settings = settings
        self._progress = progress
        self._held = ExitStack()
        self._is_held = False
        self._holding = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        where = self.settings.neo4j_uri or f"its own Neo4j in {self.settings.home}"
        return f"<{type(self).__name__} on {where}>"

    def close(self) -> None:
        """Close the connections; the next call opens them anew. Neo4j runs on."""
        with self._holding:
            self._is_held = False
            self._held.close()

    def ready(self) -> None:
        """Start the engine's own Neo4j where no URI is set and it does not run."""
        from engine.connections import database

        if database.must_start(self.settings):
            with self._starting() as advance:
                database.ensure_local(self.settings, advance)

    def _hold_graph(self) -> None:
        """Open the graph and keep it so; starts the engine's own Neo4j where that is needed."""
        from engine.connections.session import open_graph

        with self._holding:
            if not self._is_held:
                self.ready()
                self._held.enter_context(open_graph(self.settings))
                self._is_held = True

    @contextmanager
    def _starting(self) -> Iterator[CountProgress]:
        from engine.api.progress import start_bar

        if self._progress:
            with start_bar() as advance:
                yield advance
        else:
            yield no_count

    @contextmanager
    def _reporting(self, *, keep_bars: bool = False) -> "Iterator[ProgressReporter]":
        from engine.api.progress import NoReporter, progress_reporter

        if self._progress:
            with progress_reporter(keep_bars=keep_bars) as reporter:
                yield reporter
        else:
            yield NoReporter()

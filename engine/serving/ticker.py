"""A thread that repeats one task at an interval, and at once when asked."""

import logging
import threading
from collections.abc import Callable

_LOG = logging.getLogger(__name__)


class Ticker:
    """Calls ``work`` every ``seconds``; whatever it raises is logged, and it is called again.

    Args:
        name: Of the thread.
        seconds: From the end of one call to the next.
        work: Called in the thread only, so it needs no lock against itself.
    """

    def __init__(self, name: str, seconds: float, work: Callable[[], object]) -> None:
        self._seconds, self._work = seconds, work
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def now(self) -> None:
        """Do not wait for the next turn."""
        self._wake.set()

    def stop(self) -> None:
        """Begin no other turn; the one that is under way is not waited for."""
        self._stop.set()
        self._wake.set()

    def close(self, seconds: float = 2.0) -> None:
        """Stop, and wait so many seconds for the turn that is under way."""
        self.stop()
        self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            self._wake.wait(self._seconds)
            self._wake.clear()
            if self._stop.is_set():
                return
            try:
                self._work()
            except Exception:  # one bad turn must not be the last
                _LOG.exception("%s failed", self._thread.name)

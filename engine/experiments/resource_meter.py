"""A meter: how long something took and how much memory the process held meanwhile."""

import threading
import time
from types import TracebackType

import psutil

_EVERY_SECONDS = 0.02


class ResourceMeter:
    """Measures what runs inside ``with``, all times together.

    Attributes:
        seconds: By the clock.
        peak_bytes: Most resident memory of the whole process, data and libraries included, looked
            at every 20 ms.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.peak_bytes = 0
        self._process = psutil.Process()

    def __enter__(self) -> "ResourceMeter":
        self._look()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.seconds += time.monotonic() - self._began
        self._done.set()
        self._thread.join()
        self._look()

    def _watch(self) -> None:
        while not self._done.wait(_EVERY_SECONDS):
            self._look()

    def _look(self) -> None:
        self.peak_bytes = max(self.peak_bytes, self._process.memory_info().rss)

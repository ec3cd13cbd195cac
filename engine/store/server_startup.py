"""Waiting for a server that starts: for as long as its process lives and it writes to its logs.

A server that recovers a large graph, or one on a busy machine, may need many minutes. What
distinguishes a slow start from one that hangs is that its logs grow.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import filelock

from engine.errors import Busy, LocalServerError
from engine.store import server_login
from engine.store.server_state import ServerState

_POLL_SECONDS = 0.1
_LOOK_SECONDS = 5.0


class LogWatch:
    """Tells when nothing has been written to a folder of logs for too long.

    Args:
        logs: The folder; it need not be there yet.
        seconds: How long nothing may be written.
        clock: Seconds that only grow.
    """

    def __init__(
        self, logs: Path, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._logs, self._seconds, self._clock = logs, seconds, clock
        self._seen, self._since = self._sizes(), clock()

    def is_silent(self) -> bool:
        """Tell whether no file has changed its size for that long."""
        sizes = self._sizes()
        if sizes != self._seen:
            self._seen, self._since = sizes, self._clock()
        return self._clock() - self._since >= self._seconds

    def _sizes(self) -> dict[str, int]:
        sizes = {}
        for file in self._logs.glob("*"):
            with suppress(FileNotFoundError):  # a log that is turned over
                sizes[file.name] = file.stat().st_size
        return sizes


def await_ready(
    state: ServerState,
    folder: Path,
    password_file: Path,
    log: tuple[Path, int],
    seconds: float,
) -> None:
    """Wait until a server that was started lets us in.

    Args:
        state: Its process and port.
        folder: Its home.
        password_file: As ``server_login.log_in`` takes it.
        log: The file that its process prints to, and at which byte what it printed begins.
        seconds: How long it may write nothing to its logs.

    Raises:
        LocalServerError: Its process ended, or it fell silent; the error holds the end of its log.
    """
    watch = LogWatch(log[0].parent, seconds)
    while not watch.is_silent():
        if not state.serves(folder):
            raise _failure("the local Neo4j stopped while it was starting", *log)
        if state.listens() and server_login.log_in(state.uri, password_file):
            return
        time.sleep(_POLL_SECONDS)
    raise _failure(
        f"the local Neo4j does not answer and has written nothing to its logs for {seconds:g} s",
        *log,
    )


def acquire(
    lock: filelock.BaseFileLock, watch: LogWatch, look_seconds: float = _LOOK_SECONDS
) -> "filelock.AcquireReturnProxy[filelock.BaseFileLock]":
    """Take the server's lock; whoever has it may need as long as the server writes to its logs.

    Raises:
        Busy: It is held by another command, and the logs are silent.
    """
    while True:
        try:
            return lock.acquire(timeout=look_seconds)
        except filelock.Timeout as error:
            if watch.is_silent():
                raise Busy(
                    "another command is starting or stopping the local Neo4j",
                    hint="wait for it, then try again; engine db status shows it",
                ) from error


def _failure(message: str, log_file: Path, log_start: int) -> LocalServerError:
    with log_file.open("rb") as log:
        log.seek(log_start)
        words = log.read().decode("utf-8", errors="replace")[-1500:]
    return LocalServerError(
        f"{message}:\n{words}",
        hint="read the whole log: engine db logs; wait longer: ENGINE_DB_START_SECONDS=600",
    )

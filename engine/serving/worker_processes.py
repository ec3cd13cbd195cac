"""Several processes at one task: each that dies is replaced, and a signal ends them all."""

import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from types import FrameType
from typing import Any

_LOG = logging.getLogger(__name__)
# Not forked: the parent has threads and open databases, whose locks and connections a copy of it
# would hold too.
_CONTEXT = multiprocessing.get_context("spawn")
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class WorkerProcesses:
    """Keeps ``count`` processes at work until SIGINT or SIGTERM; used in the main thread.

    Args:
        count: How many.
        work: What each does; a function of a module, for a new process imports it.
        arguments: What it is called with; they are pickled, sockets too.
        ended: Told the id of each process that has ended.
        end_seconds: How long they may take to end after SIGTERM, before they are killed.
        pause_seconds: Before a process that died is replaced, so that one that cannot start does
            not take the machine.
    """

    def __init__(
        self,
        count: int,
        work: Callable[..., None],
        arguments: tuple[Any, ...],
        *,
        ended: Callable[[int], None] = lambda _id: None,
        end_seconds: float = 10.0,
        pause_seconds: float = 0.5,
    ) -> None:
        self._count, self._work, self._arguments = count, work, arguments
        self._ended, self._end_seconds, self._pause_seconds = ended, end_seconds, pause_seconds
        self._processes: list[SpawnProcess] = []

    def run(self) -> None:
        """Start them and return once all have ended.

        Raises:
            KeyboardInterrupt: SIGINT ended them.
        """
        with _signals() as received:
            try:
                self._processes = [self._started() for _ in range(self._count)]
                while not _is_readable(received, [one.sentinel for one in self._processes]):
                    if _is_readable(received, seconds=self._pause_seconds):
                        break
                    self._processes = [self._replaced(one) for one in self._processes]
            finally:
                self._end()
            if signal.SIGINT in received.recv(16):
                raise KeyboardInterrupt

    def _started(self) -> SpawnProcess:
        process = _CONTEXT.Process(target=_run, args=(self._work, self._arguments))
        process.start()
        _LOG.info("worker %d was started", process.pid)
        return process

    def _replaced(self, process: SpawnProcess) -> SpawnProcess:
        """Return a process that is alive in place of one that may not be."""
        if process.is_alive():
            return process
        self._was_ended(process)
        another = self._started()
        _LOG.warning(
            "worker %d ended (%s), worker %d takes its place",
            process.pid,
            _how(process.exitcode),
            another.pid,
        )
        return another

    def _end(self) -> None:
        for process in self._processes:
            process.terminate()
        deadline = time.monotonic() + self._end_seconds
        for process in self._processes:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.is_alive():
                _LOG.warning("worker %d did not end in time and was killed", process.pid)
                process.kill()
                process.join()
            self._was_ended(process)

    def _was_ended(self, process: SpawnProcess) -> None:
        if process.pid is not None:
            self._ended(process.pid)


def _run(work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """Do the work in a new process, which ends with the one that started it."""
    threading.Thread(target=_end_with_parent, name="engine-parent", daemon=True).start()
    work(*arguments)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def _signals() -> Iterator[socket.socket]:
    """Yield a socket that can be read once a signal has come: a byte for each."""
    received, sent = socket.socketpair()
    with received, sent:
        sent.setblocking(False)
        wakeup = signal.set_wakeup_fd(sent.fileno(), warn_on_full_buffer=False)
        before = {one: signal.signal(one, _ignored) for one in _SIGNALS}
        try:
            yield received
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)
            signal.set_wakeup_fd(wakeup)


def _ignored(_signal: int, _frame: FrameType | None) -> None:
    """Let the signal be written to the socket, which is what is waited for."""


def _is_readable(
    received: socket.socket, others: tuple[int, ...] | list[int] = (), seconds: float | None = None
) -> bool:
    """Wait for a signal, one of ``others`` or the end of the time; tell whether it was a signal."""
    return received in wait([received, *others], seconds)


def _how(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return signal.Signals(-exit_code).name
    return f"exit code {exit_code}"

"""Locks of one home: loads take turns, writers share the graph, the offline importer has it alone.

A lock ends with the process that holds it, however that process ends.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import filelock

from engine import private_files
from engine.config import Settings
from engine.connections.home import home_errors, home_lock, make_home
from engine.errors import Busy

_WAIT_SECONDS = 3_600


@contextmanager
def one_load_at_a_time(
    settings: Settings,
    should_stop: Callable[[], bool] = lambda: False,
    wait_seconds: float = _WAIT_SECONDS,
) -> Iterator[None]:
    """Hold the lock of loads: of the loads of one home only one writes at a time.

    Args:
        settings: Which home.
        should_stop: Asked while another load holds it.
        wait_seconds: How long to wait for another load.

    Raises:
        Busy: Another load holds it for longer, or ``should_stop`` returned True.
    """
    how_long = "been running for an hour" if wait_seconds == _WAIT_SECONDS else "not ended"
    busy = Busy(f"another load has {how_long}", hint="wait for it")
    with home_lock(
        settings, "ingest.lock", busy, wait_seconds=wait_seconds, should_stop=should_stop
    ):
        yield


@contextmanager
def graph_not_replaced(settings: Settings, wait_seconds: float) -> Iterator[None]:
    """Hold the shared lock of writers; while anybody does, the offline importer waits.

    Raises:
        Busy: The importer is at work, and still is after ``wait_seconds``.
    """
    lock = _replacement(settings)
    try:
        lock.acquire_read(wait_seconds)
    except filelock.Timeout as error:
        raise Busy(
            "a first load is being imported offline and replaces the whole graph",
            hint="send the same again when it has ended: engine status",
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def graph_replaced(settings: Settings, wait_seconds: float = _WAIT_SECONDS) -> Iterator[None]:
    """Hold the exclusive lock of the offline importer: nobody else writes meanwhile.

    Raises:
        Busy: Somebody is writing, and still is after ``wait_seconds``.
    """
    lock = _replacement(settings)
    try:
        lock.acquire_write(wait_seconds)
    except filelock.Timeout as error:
        raise Busy(
            "events are being written to this graph without a pause",
            hint="load without the offline importer: --no-bulk",
        ) from error
    try:
        yield
    finally:
        lock.release()


def _replacement(settings: Settings) -> filelock.ReadWriteLock:
    """Return a lock of its own for this caller: threads exclude each other as processes do.

    SQLite keeps it, which drops it when this process opens and closes the file by other means.
    """
    path = make_home(settings) / "replace.lock"
    with home_errors(settings.home):
        private_files.create(path)
    return filelock.ReadWriteLock(path, is_singleton=False)

"""Close a driver, or a session, while somebody still waits for an answer.

Threads that wait on a driver's connections are woken, each by an error.

The driver's own ``close`` is for a driver that nobody uses. It says goodbye on each connection,
which raises ``BufferError`` where a thread is sending, and leaves open those after it. And it
closes sockets that others wait on: a thread that is about to wait may then wait on the next socket
that is given the same number, for as long as that one is silent. So each is shut down first, which
wakes its thread and keeps the number; the thread closes it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR
from typing import Any

import neo4j

_SECONDS = 2.0
"""How long the threads have to give their connections back; each gives up by its own limits."""
_LOOK_SECONDS = 0.01


def close_driver(driver: neo4j.Driver) -> None:
    """Close every connection; who waits on one gets an error of the driver's."""
    deadline = time.monotonic() + _SECONDS
    # Again and again: a thread that was woken may open another connection.
    while (used := _in_use(driver)) and time.monotonic() < deadline:
        for connection in used:
            with suppress(OSError):
                connection.socket._socket.shutdown(SHUT_RDWR)
        time.sleep(_LOOK_SECONDS)
    with suppress(BufferError):
        driver.close()


@contextmanager
def abandoned_on_interrupt(session: neo4j.Session) -> Iterator[neo4j.Session]:
    """Lend a session and close it; after Ctrl-C without the answer that it would wait for."""
    with session:
        try:
            yield session
        except KeyboardInterrupt:
            # As the driver itself does where a task of asyncio is cancelled; it is not public here.
            cancelled: Any = session
            cancelled._handle_cancellation("interrupt")
            raise


def _in_use(driver: neo4j.Driver) -> list[Any]:
    # Nothing public tells of connections; the driver's version is bounded in pyproject.toml.
    pool: Any = driver._pool
    with pool.lock:
        return [one for held in pool.connections.values() for one in held if one.in_use]

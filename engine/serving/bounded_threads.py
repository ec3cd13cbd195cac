"""A fixed number of threads that wait for the database, so that the event loop never does."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from engine.serving.problems import unavailable

T = TypeVar("T")


class BoundedThreads:
    """Runs blocking work in at most ``most`` threads; one more request is refused, not queued.

    A queue would only make everybody late: what cannot be begun now would be answered after its
    client has given up.

    Args:
        name: What they make, such as ``answers``.
        most: How many at once.
        seconds: After which the caller gets a timeout.
    """

    def __init__(self, name: str, most: int, seconds: float) -> None:
        self._name, self.most, self.seconds = name, most, seconds
        self._pool = ThreadPoolExecutor(most, thread_name_prefix=name)
        self.busy = 0

    def check_free(self) -> None:
        """Refuse while every thread is at work.

        Raises:
            Problem: 503.
        """
        if self.busy >= self.most:
            raise unavailable(
                f"{self.most} threads for {self._name} are at work, which is the limit"
            )

    async def run(self, work: Callable[[], T], seconds: float | None = None) -> T:
        """Return what ``work`` does; ``seconds`` stand in place of those of every work.

        Raises:
            Problem: 503, every thread is at work.
            TimeoutError: It took too long; its thread counts as busy until it is done.
        """
        self.check_free()
        self.busy += 1
        # In the request's context, so that log lines and spans name the request they are part of.
        within = contextvars.copy_context()
        future = asyncio.get_running_loop().run_in_executor(self._pool, within.run, work)
        future.add_done_callback(self._done)
        # Shielded: a thread cannot be cancelled, so its place is taken until it is free.
        return await asyncio.wait_for(asyncio.shield(future), seconds or self.seconds)

    def close(self) -> None:
        """Begin nothing more; not waited for, as a thread may wait for a server that is frozen."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _done(self, future: "asyncio.Future[T]") -> None:
        self.busy -= 1
        if not future.cancelled():
            future.exception()  # looked at: nobody may be waiting for it any more

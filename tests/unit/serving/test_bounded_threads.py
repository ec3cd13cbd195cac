"""Threads that wait: so many at once, the next one is told to come back, and none is lost."""

import asyncio
import threading

import pytest

from engine.serving.bounded_threads import BoundedThreads
from engine.serving.problems import Problem


def test_one_too_many_is_refused_and_places_come_back() -> None:
    async def scene() -> None:
        threads, go = BoundedThreads("test", 2, 30.0), threading.Event()
        waiting = [asyncio.ensure_future(threads.run(go.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Problem) as refused:
            await threads.run(go.wait)
        assert (refused.value.status, refused.value.headers["Retry-After"]) == (503, "1")
        go.set()
        assert await asyncio.gather(*waiting) == [True, True]
        assert threads.busy == 0
        assert await threads.run(lambda: 7) == 7
        threads.close()

    asyncio.run(scene())


def test_what_takes_too_long_keeps_its_place_until_it_is_done() -> None:
    async def scene() -> None:
        threads, go = BoundedThreads("test", 1, 30.0), threading.Event()
        with pytest.raises(TimeoutError):
            await threads.run(go.wait, 0.01)
        assert threads.busy == 1
        with pytest.raises(Problem):
            await threads.run(lambda: 7)
        go.set()
        while threads.busy:
            await asyncio.sleep(0)
        threads.close()

    asyncio.run(scene())


def test_an_error_of_the_work_is_the_caller_s() -> None:
    async def scene() -> None:
        threads = BoundedThreads("test", 1, 30.0)
        with pytest.raises(ZeroDivisionError):
            await threads.run(lambda: 1 // 0)
        assert threads.busy == 0
        threads.close()

    asyncio.run(scene())

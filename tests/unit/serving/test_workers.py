"""Threads that wait: so many at once, the next one is told to come back, and none is lost."""

import asyncio
import threading

import pytest

from engine.serving.problems import Problem
from engine.serving.workers import Workers


def test_one_too_many_is_refused_and_places_come_back() -> None:
    async def scene() -> None:
        workers, go = Workers("test", 2, 30.0), threading.Event()
        waiting = [asyncio.ensure_future(workers.run(go.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Problem) as refused:
            await workers.run(go.wait)
        assert (refused.value.status, refused.value.headers["Retry-After"]) == (503, "1")
        go.set()
        assert await asyncio.gather(*waiting) == [True, True]
        assert workers.busy == 0
        assert await workers.run(lambda: 7) == 7
        workers.close()

    asyncio.run(scene())


def test_what_takes_too_long_keeps_its_place_until_it_is_done() -> None:
    async def scene() -> None:
        workers, go = Workers("test", 1, 30.0), threading.Event()
        with pytest.raises(TimeoutError):
            await workers.run(go.wait, 0.01)
        assert workers.busy == 1
        with pytest.raises(Problem):
            await workers.run(lambda: 7)
        go.set()
        while workers.busy:
            await asyncio.sleep(0)
        workers.close()

    asyncio.run(scene())


def test_an_error_of_the_work_is_the_caller_s() -> None:
    async def scene() -> None:
        workers = Workers("test", 1, 30.0)
        with pytest.raises(ZeroDivisionError):
            await workers.run(lambda: 1 // 0)
        assert workers.busy == 0
        workers.close()

    asyncio.run(scene())

"""Five hundred promotions and rollbacks under load: no error, no answer that mixes generations.

Every answer names its generation and must be, item by item, the list that generation gave before.
Usage, with ENGINE_NEO4J_URI and ENGINE_NEO4J_PASSWORD set:

    python -m benchmarks.flips train.txt.gz [flips] [workers]
"""

import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np

from benchmarks import gowalla, shop_service

RATE = 30
USERS = 300


async def ask(http: aiohttp.ClientSession, user: str) -> tuple[int, dict[str, Any]]:
    async with http.get(f"/v1/users/{user}/recommendations?k=20&{shop_service.SHOWN}") as answer:
        return answer.status, await answer.json()


async def flip(http: aiohttp.ClientSession, path: str) -> int:
    async with http.post(f"/v1/generations/{path}", json={"why": "benchmark"}) as answer:
        told = await answer.json()
        assert answer.status == 200, told
        assert told["moved"], told
        number: int = told["generation"]
        return number


def ids(told: dict[str, Any]) -> list[str]:
    return [item["id"] for item in told["items"]]


async def expected(http: aiohttp.ClientSession, users: list[str]) -> dict[str, list[str]]:
    found = {}
    for user in users:
        status, told = await ask(http, user)
        assert status == 200, told
        assert not told["degraded"], told
        found[user] = ids(told)
    return found


async def measure(served: shop_service.Served, users: list[str], flips: int) -> None:
    headers = {"Authorization": f"Bearer {served.key}"}
    async with aiohttp.ClientSession(served.url, headers=headers) as http:
        second = await expected(http, users)
        await flip(http, "rollback")
        first = await expected(http, users)
        known = {1: first, 2: second}
        differing = sum(first[user] != second[user] for user in users)
        print(f"the two generations differ for {differing} of {len(users)} users", flush=True)
        seen: Counter[str] = Counter()
        waiting: set[asyncio.Task[None]] = set()
        done = asyncio.Event()

        async def judge(user: str) -> None:
            status, told = await ask(http, user)
            if status != 200 or told["degraded"]:
                seen[f"status {status}, degraded {told.get('degraded')}"] += 1
            elif ids(told) != known[told["generation"]][user]:
                seen["mixed"] += 1
            else:
                seen[f"right, generation {told['generation']}"] += 1

        async def load() -> None:
            began, turn = time.perf_counter(), 0
            while not done.is_set():
                await asyncio.sleep(max(0.0, began + turn / RATE - time.perf_counter()))
                task = asyncio.create_task(judge(users[turn % len(users)]))
                waiting.add(task)
                task.add_done_callback(waiting.discard)
                turn += 1

        loading = asyncio.create_task(load())
        seconds = []
        for turn in range(flips):
            began = time.perf_counter()
            await flip(http, "2/promote" if turn % 2 == 0 else "rollback")
            seconds.append(time.perf_counter() - began)
        done.set()
        await loading
        await asyncio.gather(*waiting)
        middle, highest = np.percentile(seconds, [50, 100])
        print(
            f"{flips} flips: median {middle:.2f} s, longest {highest:.2f} s; "
            f"answers: {dict(seen)}; load average {os.getloadavg()[0]:.1f}",
            flush=True,
        )


def main() -> None:
    edges = gowalla.adjacency(Path(sys.argv[1]))
    flips = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    workers = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    with tempfile.TemporaryDirectory() as home:
        settings = shop_service.published(edges, Path(home), weights=(0.1, 0.6))
        users = np.random.default_rng(2).choice(sorted(edges), USERS, replace=False).tolist()
        with shop_service.serving(settings, workers) as served:
            asyncio.run(measure(served, users, flips))


if __name__ == "__main__":
    main()

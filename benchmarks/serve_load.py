"""Personal recommendations with filters over HTTP: at a fixed rate, as many as go, and too many.

Open loop: requests begin when they are due, whether or not the ones before are answered, so a slow
answer delays nobody's clock. Closed loop: so many clients, each asks again when it was answered.
Too many: more clients than the service answers at once; who is refused comes back after 50 ms.
Usage, with ENGINE_NEO4J_URI and ENGINE_NEO4J_PASSWORD set, and nothing else at work:

    python -m benchmarks.serve_load train.txt.gz [seconds]
"""

import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import numpy as np

from benchmarks import gowalla, shop_service
from benchmarks.shop_service import SHOWN, Served

RATE = 50
CLIENTS = 4


@dataclass
class Tally:
    """What became of the requests of one run."""

    seconds: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    status: Counter[str] = field(default_factory=Counter)
    elapsed: float = 0.0

    def say(self, text: str) -> None:
        middle, high, highest = np.percentile(np.array(self.seconds) * 1_000, [50, 95, 99])
        load = os.getloadavg()[0]
        print(
            f"{text}: {len(self.seconds) / self.elapsed:.0f} requests/s, median {middle:.1f} ms, "
            f"p95 {high:.1f} ms, p99 {highest:.1f} ms, {dict(self.status)}, "
            f"load average {load:.1f}",
            flush=True,
        )
        if self.refused:
            highest = np.percentile(np.array(self.refused) * 1_000, 99)
            print(f"    refused (503): p99 {highest:.1f} ms", flush=True)


async def ask(
    http: aiohttp.ClientSession, user: str, tally: Tally, options: str = f"k=20&{SHOWN}"
) -> None:
    began = time.perf_counter()
    answer_status = 0
    try:
        async with http.get(f"/v1/users/{user}/recommendations?{options}") as answer:
            told = await answer.json()
            right = answer.status == 200 and not told["degraded"] and len(told["items"]) == 20
            answer_status = answer.status
            tally.status["right" if right else f"{answer.status}"] += 1
    except (aiohttp.ClientError, TimeoutError) as error:
        tally.status[type(error).__name__] += 1
    seconds = time.perf_counter() - began
    (tally.refused if answer_status == 503 else tally.seconds).append(seconds)
    if answer_status == 503:
        await asyncio.sleep(0.05)


async def open_loop(
    http: aiohttp.ClientSession,
    users: list[str],
    seconds: float,
    options: str = f"k=20&{SHOWN}",
    rate: float = RATE,
) -> Tally:
    tally, waiting = Tally(), set()
    began = time.perf_counter()
    for n in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + n / rate - time.perf_counter()))
        waiting.add(asyncio.create_task(ask(http, users[n % len(users)], tally, options)))
    await asyncio.gather(*waiting)
    tally.elapsed = time.perf_counter() - began
    return tally


async def closed_loop(
    http: aiohttp.ClientSession, users: list[str], seconds: float, clients: int
) -> Tally:
    tally = Tally()
    began = time.perf_counter()

    async def client(number: int) -> None:
        turn = number
        while time.perf_counter() - began < seconds:
            await ask(http, users[turn % len(users)], tally)
            turn += clients

    await asyncio.gather(*(client(number) for number in range(clients)))
    tally.elapsed = time.perf_counter() - began
    return tally


async def measure(served: Served, users: list[str], seconds: float) -> None:
    headers = {"Authorization": f"Bearer {served.key}"}
    limit = aiohttp.TCPConnector(limit=200)
    async with aiohttp.ClientSession(served.url, headers=headers, connector=limit) as http:
        (await closed_loop(http, users, seconds / 3, CLIENTS)).say("warm-up")
        before = served.processor_seconds()
        run = await open_loop(http, users, seconds)
        run.say(f"open loop at {RATE}/s")
        spent = 1_000 * (served.processor_seconds() - before) / len(run.seconds)
        print(f"    processor time of the service: {spent:.1f} ms a request", flush=True)
        for clients in (2, CLIENTS, 8):
            run = await closed_loop(http, users, seconds / 2, clients)
            run.say(f"closed loop, {clients} clients")
        (await closed_loop(http, users, seconds / 2, 64)).say("too many: 64 clients")


def main() -> None:
    edges = gowalla.adjacency(Path(sys.argv[1]))
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
    with tempfile.TemporaryDirectory() as home:
        settings = shop_service.published(edges, Path(home))
        # Drawn with replacement: users who come back are what a cache would feed on; there is none.
        users = np.random.default_rng(1).choice(sorted(edges), 5_000).tolist()
        with shop_service.serving(settings) as served:
            asyncio.run(measure(served, users, seconds))


if __name__ == "__main__":
    main()

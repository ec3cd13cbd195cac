"""Events over HTTP from many clients: how many a second, how long an answer takes, who is refused.

Each client sends its next post when it was answered; one that is refused sends the same again after
50 ms. Every event is new, so the graph's count says whether one was lost or counted twice. The
service runs in a process of its own. Usage, with ENGINE_NEO4J_URI and ENGINE_NEO4J_PASSWORD set:

    python -m benchmarks.post_events [seconds]
"""

import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np

from benchmarks import gowalla, shop_service
from benchmarks.shop_service import Served
from engine.config import Settings
from engine.connections.session import open_graph

SHAPES = ((50, 1), (8, 500))
"""Clients, and events in each of their posts."""

_USERS, _ITEMS = 5_000, 2_000


@dataclass
class Tally:
    """What became of the posts of one run.

    Attributes:
        refused: What was said to those that were refused, and how often.
    """

    seconds: list[float] = field(default_factory=list)
    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    elapsed: float = 0.0

    def say(self, text: str) -> None:
        middle, high = np.percentile(np.array(self.seconds) * 1_000, [50, 95])
        print(
            f"{text}: {self.accepted / self.elapsed:.0f} events/s, "
            f"{len(self.seconds) / self.elapsed:.0f} posts/s, median {middle:.0f} ms, "
            f"p95 {high:.0f} ms, refused {sum(self.refused.values())} {dict(self.refused)}, "
            f"load average {os.getloadavg()[0]:.1f}",
            flush=True,
        )


def _post(rng: np.random.Generator, numbers: range) -> dict[str, Any]:
    users, items = rng.integers(_USERS, size=len(numbers)), rng.zipf(1.3, size=len(numbers))
    return {
        "events": [
            {
                "user_id": f"u{user}",
                "item_id": f"i{item % _ITEMS}",
                "timestamp": 1_750_000_000,
                "event_id": f"{os.getpid()}-{number}",
            }
            for number, user, item in zip(numbers, users, items, strict=True)
        ]
    }


async def closed_loop(served: Served, clients: int, events: int, seconds: float) -> Tally:
    tally = Tally()
    headers = {"Authorization": f"Bearer {served.key}"}
    limit = aiohttp.TCPConnector(limit=2 * clients)
    began = time.perf_counter()

    async def client(http: aiohttp.ClientSession, number: int) -> None:
        rng, turn = np.random.default_rng(number), number
        while time.perf_counter() - began < seconds:
            first = (events * turn) + int(began * 1_000) * 10_000
            body, turn = _post(rng, range(first, first + events)), turn + clients
            asked = time.perf_counter()
            while True:
                async with http.post("/v1/events", json=body) as answer:
                    told = await answer.json()
                if answer.status == 200:
                    break
                tally.refused[f"{answer.status} {told['detail']}"] += 1
                await asyncio.sleep(0.05)
            tally.seconds.append(time.perf_counter() - asked)
            tally.accepted += told["accepted"]

    async with aiohttp.ClientSession(served.url, headers=headers, connector=limit) as http:
        await asyncio.gather(*(client(http, number) for number in range(clients)))
    tally.elapsed = time.perf_counter() - began
    return tally


def _events(settings: Settings) -> int:
    with open_graph(settings) as graph:
        return int(graph.read("status/counts")[0]["events"])


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    with tempfile.TemporaryDirectory() as home:
        target = gowalla.target()
        settings = Settings(
            home=Path(home),
            neo4j_uri=target.uri,
            neo4j_user=target.user,
            neo4j_password=target.password,
        )
        with shop_service.serving(settings) as served:
            for clients, events in SHAPES:
                asyncio.run(closed_loop(served, clients, events, seconds / 4))
                before = _events(settings)
                tally = asyncio.run(closed_loop(served, clients, events, seconds))
                tally.say(f"{clients} clients, {events} events a post")
                lost = before + tally.accepted - _events(settings)
                print(f"    events lost or counted twice: {lost}", flush=True)


if __name__ == "__main__":
    main()

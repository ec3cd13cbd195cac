"""One process and two on the same graph, in turns: requests a second, and how long the slow took.

Asks what ``serve_load`` asks, in a closed loop; the graph is published already, by ``serve_load``
or ``flips``. Usage, with ENGINE_NEO4J_URI and ENGINE_NEO4J_PASSWORD set, and nothing else at work:

    python -m benchmarks.serve_workers train.txt.gz [seconds] [clients] [rounds]
"""

import asyncio
import sys
import tempfile
from pathlib import Path

import aiohttp
import numpy as np

from benchmarks import gowalla, shop_service
from benchmarks.serve_load import closed_loop
from engine.config import Settings


async def measure(
    served: shop_service.Served, users: list[str], seconds: float, clients: int
) -> tuple[float, float]:
    headers = {"Authorization": f"Bearer {served.key}"}
    limit = aiohttp.TCPConnector(limit=clients)
    async with aiohttp.ClientSession(served.url, headers=headers, connector=limit) as http:
        await closed_loop(http, users, seconds / 3, clients)
        before = served.processor_seconds()
        run = await closed_loop(http, users, seconds, clients)
        spent = 1_000 * (served.processor_seconds() - before) / len(run.seconds)
        run.say(f"    processor time of the service {spent:.1f} ms a request")
        return len(run.seconds) / run.elapsed, 1_000 * float(np.percentile(run.seconds, 95))


def main() -> None:
    given = [float(one) for one in sys.argv[2:]]
    seconds, clients, rounds = [*given, *(20, 8, 3)[len(given) :]]
    edges = gowalla.adjacency(Path(sys.argv[1]))
    users = np.random.default_rng(1).choice(sorted(edges), 5_000).tolist()
    target = gowalla.target()
    found: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
    for turn in range(int(rounds)):
        for workers in (1, 2) if turn % 2 == 0 else (2, 1):
            with tempfile.TemporaryDirectory() as home:
                settings = Settings(
                    home=Path(home),
                    neo4j_uri=target.uri,
                    neo4j_user=target.user,
                    neo4j_password=target.password,
                )
                with shop_service.serving(settings, workers) as served:
                    print(f"{workers} workers", flush=True)
                    run = asyncio.run(measure(served, users, seconds, int(clients)))
                    found[workers].append(run)
    one, two = (np.median(found[workers], axis=0) for workers in (1, 2))
    print(f"two beside one: requests/s x {two[0] / one[0]:.2f}, p95 x {two[1] / one[1]:.2f}")


if __name__ == "__main__":
    main()

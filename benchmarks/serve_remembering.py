"""Answers of a service that remembers its lists, beside those of one that does not.

Two services on one graph, asked in turns in an open loop of 20 requests a second for lists of
twenty; which is first changes with every round. Printed: of each the median, the 95th and the 99th
percentile of all rounds, the median over rounds of the difference of their 95th percentiles with
its range, and how many lists the graph remembers afterwards. The demonstration's data is enough:

    engine --home HOME demo
    python -m benchmarks.serve_remembering HOME [rounds] [seconds]
"""

import asyncio
import sys
from pathlib import Path

import aiohttp
import numpy as np

from benchmarks import shop_service
from benchmarks.serve_load import Tally, open_loop
from engine.config import Settings
from engine.connections.session import open_graph
from engine.graph import integrity

RATE = 20.0
WARM_SECONDS = 15.0
OPTIONS = "k=20"


async def asked(served: shop_service.Served, users: list[str], seconds: float) -> Tally:
    """Return what became of the requests of one round."""
    headers = {"Authorization": f"Bearer {served.key}"}
    async with aiohttp.ClientSession(served.url, headers=headers) as http:
        return await open_loop(http, users, seconds, OPTIONS, RATE)


def milliseconds(found: Tally) -> list[float]:
    """Return how long each answer took, where all were right."""
    if set(found.status) != {"right"}:
        raise SystemExit(f"not all answers were right: {dict(found.status)}")
    return [1_000 * one for one in found.seconds]


def main() -> None:
    home = Path(sys.argv[1])
    given = [float(one) for one in sys.argv[2:]]
    rounds, seconds = [*given, *(8, 20)[len(given) :]]
    settings = Settings(home=home)
    with open_graph(settings) as graph:
        known = [row["id"] for row in graph.read("browse/users", prefix="", limit=1_000)]
        before = integrity.remembered(graph).lists
        users = np.random.default_rng(1).choice(known, 5_000).tolist()
        remembering = {"ENGINE_REMEMBER_LISTS": "true"}
        with (
            shop_service.serving(settings) as without,
            shop_service.serving(settings, more=remembering) as with_lists,
        ):
            both = {"without": without, "remembering": with_lists}
            for served in both.values():
                asyncio.run(asked(served, users, WARM_SECONDS))
            found: dict[str, list[list[float]]] = {name: [] for name in both}
            for turn in range(int(rounds)):
                for name in sorted(both, reverse=bool(turn % 2)):
                    round_ = asyncio.run(asked(both[name], users, seconds))
                    found[name].append(milliseconds(round_))
        remembered = integrity.remembered(graph).lists - before
    for name, parts in found.items():
        middle, high, highest = np.percentile(np.concatenate(parts), [50, 95, 99])
        print(f"{name:12} median {middle:.1f} ms, p95 {high:.1f} ms, p99 {highest:.1f} ms")
    highs = {name: np.array([np.percentile(one, 95) for one in found[name]]) for name in found}
    more = highs["remembering"] - highs["without"]
    print(
        f"p95, remembering less without: {np.median(more):+.2f} ms [{more.min():+.2f}, "
        f"{more.max():+.2f}] over {len(more)} rounds at {RATE:g}/s; {remembered} lists remembered"
    )


if __name__ == "__main__":
    main()

"""What ``engine check`` and readiness cost on a graph, in one run, on the server of the settings.

    ENGINE_NEO4J_URI=bolt://... python -m benchmarks.check_costs

Prints median milliseconds: of what ``/health/ready`` asked before there was a check (the serving
pointer) and of what it asks now, by turns; of the checks that a service makes every ten seconds;
and of each check of ``engine check``.
"""

import statistics
import time
from collections.abc import Callable, Sequence

from engine.config import load
from engine.graph import census
from engine.serving.service import client_limits, open_service
from engine.upkeep import check
from engine.upkeep.open_stores import OpenStores
from engine.upkeep.reach import reached
from engine.usecases import upkeep

_TIMES, _WHOLE = 300, 3


def _milliseconds(calls: Sequence[Callable[[], object]], times: int) -> list[float]:
    """Return the median of each call; they take turns, so that all meet the same machine."""
    taken: list[list[float]] = [[] for _ in calls]
    for _ in range(times):
        for own, call in zip(taken, calls, strict=True):
            began = time.perf_counter()
            call()
            own.append(time.perf_counter() - began)
    return [1_000 * statistics.median(one) for one in taken]


def main() -> None:
    """Measure on the graph of the settings."""
    settings = load()
    with open_service(settings, client_limits(settings.serve_seconds, 16)) as service:
        graph = service.graph
        counts = graph.ask(census.count)
        print(f"{counts.users} users, {counts.items} items, {counts.events} events")
        before, now, cheap = _milliseconds(
            (
                lambda: graph.ask(census.serving_generation),
                service.ready,
                lambda: graph.ask(upkeep.serving_fault),
            ),
            _TIMES,
        )
    print(f"ready before {before:.2f}, now {now:.2f}, ratio {now / before:.2f}")
    print(f"every ten seconds {cheap:.1f}")
    with reached(settings) as (client, _):
        stores = OpenStores(settings, client, check.read_registry(settings)[0])
        for name, (_, one) in check.CHECKS.items():
            (taken,) = _milliseconds((lambda one=one: list(one(stores)),), _WHOLE)  # type: ignore[misc]
            print(f"{name}: {taken:.1f}")


if __name__ == "__main__":
    main()

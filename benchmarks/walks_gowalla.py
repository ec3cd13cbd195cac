"""Walks over Gowalla, 10 per node and 20 nodes long: through the database against row by row.

ENGINE_NEO4J_URI=... ENGINE_NEO4J_PASSWORD=... python -m benchmarks.walks_gowalla train.txt.gz [N]

Uniform and p/q; for each: the plugin's stream consumed row by row; the same walks as chunks of
arrays from the plugin; and walked on the pulled graph, with and without the pull. Ratios are of the
medians of one run.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import neo4j
import numpy as np

from benchmarks import gowalla
from engine.data.walking.visit_counts import visit_counts
from engine.data.walking.walk_plan import WalkPlan, walks_on
from engine.graph.pulling.projection import in_gds, pull_graph
from engine.graph.walks import walk_corpus
from engine.store.graph_client import GraphClient

_ROWS = (
    "CALL gds.randomWalk.stream($graph, {walksPerNode: 10, walkLength: 20, returnFactor: $p, "
    "inOutFactor: $q, concurrency: 4}) YIELD nodeIds RETURN nodeIds"
)
_KINDS = {"uniform": (1.0, 1.0), "p = 0.5, q = 2": (0.5, 2.0), "p = 4, q = 0.25": (4.0, 0.25)}


def row_by_row(client: GraphClient, plan: WalkPlan) -> tuple[int, float]:
    """Return steps and seconds, the projection not counted."""
    goal = client.target
    auth = (goal.user, goal.password)
    with (
        in_gds(client, merge=True) as projected,
        neo4j.GraphDatabase.driver(goal.uri, auth=auth) as driver,
        driver.session() as session,
    ):
        began, steps = time.perf_counter(), 0
        for record in session.run(_ROWS, graph=projected.name, p=plan.p, q=plan.q):
            steps += len(np.array(record["nodeIds"], dtype=np.int32))
        return steps, time.perf_counter() - began


def in_chunks(client: GraphClient, plan: WalkPlan) -> tuple[int, float]:
    """Return steps and seconds, the projection not counted."""
    with walk_corpus(client, plan, via="gds") as corpus:
        began = time.perf_counter()
        steps = sum(chunk.size for chunk in corpus.chunks)
        return steps, time.perf_counter() - began


def pulled(client: GraphClient, plan: WalkPlan) -> tuple[int, float]:
    """Return steps and seconds, the pull included."""
    began = time.perf_counter()
    with walk_corpus(client, plan, via="pulled") as corpus:
        steps = sum(chunk.size for chunk in corpus.chunks)
    return steps, time.perf_counter() - began


def on_arrays(client: GraphClient, plan: WalkPlan) -> tuple[int, float]:
    """Return steps and seconds, the pull not counted."""
    graph = pull_graph(client, merge=True)
    began = time.perf_counter()
    steps = sum(chunk.size for chunk in walks_on(graph, plan))
    return steps, time.perf_counter() - began


WAYS: dict[str, Callable[[GraphClient, WalkPlan], tuple[int, float]]] = {
    "row by row": row_by_row,
    "in chunks": in_chunks,
    "pulled, with the pull": pulled,
    "pulled": on_arrays,
}


def main() -> None:
    edges = gowalla.adjacency(Path(sys.argv[1]))
    turns = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with GraphClient(gowalla.target()) as client:
        gowalla.load(client, edges)
        for kind, (p, q) in _KINDS.items():
            rates: dict[str, list[float]] = {way: [] for way in WAYS}
            # Turn by turn, so that a busy moment of the machine meets every way.
            for turn in range(turns):
                for way, walk in WAYS.items():
                    steps, seconds = walk(client, WalkPlan(p=p, q=q, seed=turn))
                    rates[way].append(steps / seconds)
            slow = statistics.median(rates["row by row"])
            for way, seen in rates.items():
                rate = statistics.median(seen)
                said = f"{rate / 1e6:.2f} M steps/s, {rate / slow:.1f} times row by row"
                print(f"{kind}, {way}: {said}", flush=True)
        graph = pull_graph(client, merge=True)
    began = time.perf_counter()
    visit_counts(graph, np.random.default_rng(0))
    gowalla.timed("visit counts of every item, 100 walks of 10 double steps", began)


if __name__ == "__main__":
    main()

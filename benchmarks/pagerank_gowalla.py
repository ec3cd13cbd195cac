"""PageRank of Gowalla, 20 iterations, end to end: with the plugin, and pulled and computed here.

The first is measured against the plugin's own time, projecting and computing, in the same run.

ENGINE_NEO4J_URI=... ENGINE_NEO4J_PASSWORD=... python -m benchmarks.pagerank_gowalla train.txt.gz
"""

import statistics
import sys
import time
from pathlib import Path

import neo4j
import numpy as np

from benchmarks import gowalla
from engine.graph import pagerank
from engine.graph.power_iteration import PageRankOptions, PageRankScores, of_pulled
from engine.graph.pulling.edge_pages import EVENTS
from engine.graph.pulling.projection import pull_graph
from engine.store.graph_client import GraphClient

_TURNS = 5
_ITERATIONS = 20
_PROJECT = """
CALL gds.graph.project('bare', ['User', 'Item'], {INTERACTED: {orientation: 'UNDIRECTED'}})
"""
_RANK = """
CALL gds.pageRank.stats('bare', {maxIterations: $iterations, tolerance: 0.0, dampingFactor: 0.85})
YIELD ranIterations RETURN ranIterations
"""
_DROP = "CALL gds.graph.drop('bare', false) YIELD graphName RETURN graphName"


def main() -> None:
    edges = gowalla.adjacency(Path(sys.argv[1]))
    with GraphClient(gowalla.target()) as client:
        gowalla.load(client, edges)
        bare, whole, pulled = [], [], []
        for turn in range(_TURNS):
            print(f"turn {turn}")
            if client.server.gds is not None:
                bare.append(_bare(client))
                whole.append(
                    _timed(
                        "  the plugin, end to end",
                        client,
                        PageRankOptions(gds=True, iterations=_ITERATIONS, tolerance=0.0),
                    )
                )
            pulled.append(
                _timed(
                    "  without it, end to end",
                    client,
                    PageRankOptions(gds=False, iterations=_ITERATIONS, tolerance=0.0),
                )
            )
        _parts(client, PageRankOptions(gds=False, iterations=_ITERATIONS, tolerance=0.0))
        _agree(client)
    print(f"without the plugin: median {statistics.median(pulled):.2f} s")
    if bare:
        ratio = statistics.median(whole) / statistics.median(bare)
        print(f"with it: median {statistics.median(whole):.2f} s, {ratio:.2f} times its own time")


def _bare(client: GraphClient) -> float:
    """Return the seconds the plugin itself takes, with nothing brought out."""
    goal = client.target
    auth = (goal.user, goal.password)
    with neo4j.GraphDatabase.driver(goal.uri, auth=auth) as driver, driver.session() as session:
        began = time.perf_counter()
        session.run(_PROJECT).consume()
        projected = time.perf_counter() - began
        session.run(_RANK, iterations=_ITERATIONS).consume()
        seconds = time.perf_counter() - began
        session.run(_DROP).consume()
    print(f"  the plugin's own: {projected:.2f} s to project, {seconds - projected:.2f} s to rank")
    return seconds


def _timed(text: str, client: GraphClient, options: PageRankOptions) -> float:
    began = time.perf_counter()
    pagerank.pagerank(client, [EVENTS], options).top(10)
    return gowalla.timed(text, began)


def _parts(client: GraphClient, options: PageRankOptions) -> None:
    began = time.perf_counter()
    graph = pull_graph(client)
    seconds = gowalla.timed("pulling alone", began)
    print(f"  {graph.n_edges // 2 / seconds:,.0f} edges/s")
    began = time.perf_counter()
    of_pulled(graph, options)
    gowalla.timed(f"{_ITERATIONS} iterations alone", began)


def _agree(client: GraphClient) -> None:
    """Show that both paths give the same, when left to converge."""
    if client.server.gds is None:
        return
    both: list[PageRankScores] = [
        pagerank.pagerank(client, [EVENTS], PageRankOptions(gds=gds, tolerance=1e-10))
        for gds in (True, False)
    ]
    apart = np.abs(both[0].scores - both[1].scores).max()
    print(f"largest difference of a score between the two: {apart:.1e}")


if __name__ == "__main__":
    main()

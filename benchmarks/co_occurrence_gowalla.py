"""Build CO_OCCURRED from 810,128 events, a user's list being a basket, and with one statement.

ENGINE_NEO4J_URI=... ENGINE_NEO4J_PASSWORD=... python -m benchmarks.co_occurrence_gowalla \
    train.txt.gz [USERS]

USERS keeps the lists of so many users. The naive statement pairs every two items of a list on the
server and keeps every pair; it is given ten minutes. Memory of the engine is the peak of this
process over what it had; of the server, what its heap holds at most during the statement is not to
be had over Bolt, so the statement's own estimate (PROFILE) is not taken either: watch the process.
"""

import resource
import sys
import time
from pathlib import Path

import neo4j

from benchmarks import gowalla
from engine.publishing.item_graphs import BuildReport, BuildRequest, build
from engine.store.graph_client import GraphClient

_NAIVE = """
MATCH (a:Item)<-[:INTERACTED]-(:User)-[:INTERACTED]->(b:Item)
WHERE a.id < b.id
WITH a, b, count(*) AS n
WHERE n >= 2
CALL (a, b, n) { CREATE (a)-[:NAIVE {count: n}]->(b) } IN TRANSACTIONS OF 10000 ROWS
"""
_FORGET = "MATCH ()-[r:{}]->() CALL (r) {{ DELETE r }} IN TRANSACTIONS OF 20000 ROWS"
_LIMIT_SECONDS = 600


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _build(client: GraphClient, text: str, request: BuildRequest) -> BuildReport:
    began = time.perf_counter()
    done = build(client, request)
    gowalla.timed(text, began)
    print(f"  {done}", flush=True)
    return done


def main() -> None:
    edges = gowalla.adjacency(Path(sys.argv[1]))
    if len(sys.argv) > 2:
        edges = dict(list(edges.items())[: int(sys.argv[2])])
    with GraphClient(gowalla.target()) as client:
        gowalla.load(client, edges)
        goal = client.target
        auth = (goal.user, goal.password)
        with neo4j.GraphDatabase.driver(goal.uri, auth=auth) as driver, driver.session() as session:
            for relation in ("CO_OCCURRED", "NAIVE"):
                session.run(_FORGET.format(relation)).consume()  # type: ignore[arg-type]
            before = _peak_mib()
            request = BuildRequest("co-occurrence", unit="user", max_basket=1_000)
            _build(client, "co-occurrence, from nothing", request)
            print(f"  peak of this process: {before:.0f} MiB before, {_peak_mib():.0f} MiB after")
            _build(client, "co-occurrence, again: nothing to write", request)
            began = time.perf_counter()
            try:
                query = neo4j.Query(_NAIVE, timeout=_LIMIT_SECONDS)  # type: ignore[arg-type]
                made = session.run(query).consume().counters.relationships_created
                gowalla.timed(f"one naive statement, {made} edges", began)
            except neo4j.exceptions.Neo4jError as error:
                gowalla.timed(f"one naive statement failed: {error.code}", began)
            session.run(_FORGET.format("NAIVE")).consume()  # type: ignore[arg-type]


if __name__ == "__main__":
    main()

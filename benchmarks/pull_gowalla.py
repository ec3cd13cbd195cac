"""Pull 810,128 events: columns per page of users against one record per event.

ENGINE_NEO4J_URI=... ENGINE_NEO4J_PASSWORD=... python -m benchmarks.pull_gowalla train.txt.gz
"""

import sys
import time
from pathlib import Path

import neo4j

from benchmarks import gowalla
from engine.graph.pulling import pull
from engine.store.graph_client import GraphClient

_ONE_BY_ONE = (
    "MATCH (u:User)-[r:INTERACTED]->(i:Item) "
    "RETURN u.id AS user, i.id AS item, r.at AS at, r.weight AS weight, r.event AS event"
)


def main() -> None:
    edges = gowalla.adjacency(Path(sys.argv[1]))
    with GraphClient(gowalla.target()) as client:
        began = time.perf_counter()
        gowalla.load(client, edges)
        gowalla.timed("load (not part of the benchmark)", began)
        rates = []
        for turn in range(3):
            began = time.perf_counter()
            interactions = pull.pull_interactions(client)
            seconds = gowalla.timed(f"columns per page, turn {turn}", began)
            rates.append(len(interactions) / seconds)
        goal = client.target
    auth = (goal.user, goal.password)
    with neo4j.GraphDatabase.driver(goal.uri, auth=auth) as driver, driver.session() as session:
        began = time.perf_counter()
        rows = [tuple(record) for record in session.run(_ONE_BY_ONE)]
        slow = len(rows) / gowalla.timed("one record per event", began)
    best = sorted(rates)[1]
    print(f"{len(rows)} events: {best:,.0f}/s against {slow:,.0f}/s, {best / slow:.1f} times")


if __name__ == "__main__":
    main()

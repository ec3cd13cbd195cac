"""Time what is served from the graphs: friends of friends, similar items, bought together, paths.

ENGINE_NEO4J_URI=... ENGINE_NEO4J_PASSWORD=... python -m benchmarks.serve_graphs \
    gowalla/train.txt.gz lastfm/ [REQUESTS]

Friends come from Last.fm, everything else from Gowalla, whose items are given 2,000 brands and 50
kinds (Zipf) for the facts. What is in the graph is replaced. Requests are drawn with equal chance
over the users or items; the busiest hundred are timed besides.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import neo4j
import numpy as np

from benchmarks import gowalla
from benchmarks.link_prediction_lastfm import fill, read
from engine.config import Settings
from engine.graph.lists import item_neighbours, knowledge_paths, people, recommendations
from engine.graph.lists.recommendations import Question
from engine.publishing.item_graphs import BuildRequest, build
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.training import checkpoint
from engine.usecases.modelling import publish

_FACTS = """
UNWIND $rows AS row
MATCH (item:Item {id: row[0]})
MERGE (brand:Entity:Brand {key: 'Brand:' + row[1]}) SET brand.id = row[1]
MERGE (kind:Entity:Kind {key: 'Kind:' + row[2]}) SET kind.id = row[2]
CREATE (item)-[:MADE_BY]->(brand), (item)-[:OF_KIND]->(kind)
"""


def _time(text: str, ids: Sequence[Any], ask: Callable[[Any], Any]) -> None:
    for one in ids[:50]:
        ask(one)
    seconds = []
    for one in ids:
        began = time.perf_counter()
        ask(one)
        seconds.append(time.perf_counter() - began)
    middle, high = np.percentile(np.array(seconds) * 1_000, [50, 95])
    print(f"{text}: p50 {middle:.1f} ms, p95 {high:.1f} ms over {len(ids)} requests", flush=True)


def _friends(target: Neo4jTarget, folder: Path, requests: int) -> None:
    listens, friends = read(folder)
    with GraphClient(target) as client:
        fill(client, listens, [list(pair) for pair in friends])
        degree: dict[str, int] = {}
        for pair in friends:
            for user in pair:
                degree[user] = degree.get(user, 0) + 1
        users = np.random.default_rng(1).choice(sorted(degree), requests).tolist()
        busy = sorted(degree, key=lambda user: -degree[user])[:100]
        for by in ("friends-of-friends", "adamic-adar"):
            for chosen, text in ((users, ""), (busy, ", the 100 with most friends")):
                _time(
                    f"{by}{text}",
                    chosen,
                    lambda user, by=by: people.recommend(client, user, "TRUSTS", by),
                )


def _facts(target: Neo4jTarget, items: list[str]) -> None:
    rng = np.random.default_rng(3)
    brands = np.minimum(rng.zipf(1.3, len(items)), 2_000)
    kinds = np.minimum(rng.zipf(1.5, len(items)), 50)
    rows = [[id_, str(b), str(k)] for id_, b, k in zip(items, brands, kinds, strict=True)]
    auth = (target.user, target.password)
    with neo4j.GraphDatabase.driver(target.uri, auth=auth) as driver, driver.session() as session:
        for start in range(0, len(rows), 5_000):
            session.run(_FACTS, rows=rows[start : start + 5_000]).consume()


def _items(target: Neo4jTarget, path: Path, requests: int) -> None:
    edges = gowalla.adjacency(path)
    ids = gowalla.item_ids(edges)
    with GraphClient(target) as client, tempfile.TemporaryDirectory() as home:
        gowalla.load(client, edges)
        _facts(target, ids)
        file = Path(home) / "model.pt"
        checkpoint.save(file, gowalla.lightgcn(edges))
        settings = Settings(
            home=Path(home),
            neo4j_uri=target.uri,
            neo4j_user=target.user,
            neo4j_password=target.password,
        )
        publish(settings, path=file)
        print(build(client, BuildRequest("co-occurrence")), flush=True)
        print(build(client, BuildRequest("sequential")), flush=True)
        counts: dict[str, int] = {}
        for list_ in edges.values():
            for item in list_:
                counts[item] = counts.get(item, 0) + 1
        rng = np.random.default_rng(1)
        busy = sorted(ids, key=lambda item: -counts[item])[:100]
        asked = Question()
        verbs: dict[str, Callable[[str], Any]] = {
            "similar, embedding": lambda i: recommendations.similar_items(client, i, asked),
            "bought together": lambda i: item_neighbours.bought_together(client, [i], asked),
            "next": lambda i: item_neighbours.following(client, i, asked),
            "attributes": lambda i: item_neighbours.sharing_facts(client, i, asked),
        }
        for text, ask in verbs.items():
            _time(text, rng.choice(ids, requests).tolist(), ask)
            _time(f"{text}, the 100 busiest items", busy, ask)
        users = rng.choice(sorted(edges), requests).tolist()
        pairs = list(zip(users, rng.choice(ids, requests).tolist(), strict=True))
        _time("explain", pairs, lambda pair: knowledge_paths.paths(client, *pair))


def main() -> None:
    requests = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000
    target = gowalla.target()
    _friends(target, Path(sys.argv[2]), requests)
    auth = (target.user, target.password)
    with neo4j.GraphDatabase.driver(target.uri, auth=auth) as driver, driver.session() as session:
        session.run("MATCH (n) CALL (n) {DETACH DELETE n} IN TRANSACTIONS OF 5000 ROWS").consume()
    _items(target, Path(sys.argv[1]), requests)


if __name__ == "__main__":
    main()

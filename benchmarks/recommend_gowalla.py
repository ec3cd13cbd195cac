"""Publish a LightGCN of Gowalla and time recommendations through the driver.

Usage, with ENGINE_NEO4J_URI and ENGINE_NEO4J_PASSWORD set:

    python -m benchmarks.recommend_gowalla train.txt.gz [turns]
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks import gowalla
from engine.config import Settings
from engine.graph.lists import recommendations
from engine.graph.lists.recommendations import Question
from engine.store.graph_client import GraphClient
from engine.training import checkpoint
from engine.usecases.modelling import publish


def _latency(client: GraphClient, users: list[str], question: Question, text: str) -> None:
    seconds = []
    for user in users:
        began = time.perf_counter()
        recommendations.for_users(client, [user], question)
        seconds.append(time.perf_counter() - began)
    middle, high = np.percentile(np.array(seconds) * 1_000, [50, 95])
    print(f"{text}: median {middle:.1f} ms, p95 {high:.1f} ms over {len(users)} users", flush=True)


def main() -> None:
    edges = gowalla.adjacency(Path(sys.argv[1]))
    turns = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000
    target = gowalla.target()
    with GraphClient(target) as client, tempfile.TemporaryDirectory() as home:
        gowalla.load(client, edges)
        began = time.perf_counter()
        trained = gowalla.lightgcn(edges)
        gowalla.timed("lightgcn, three epochs", began)
        path = Path(home) / "model.pt"
        checkpoint.save(path, trained)
        settings = Settings(
            home=Path(home),
            neo4j_uri=target.uri,
            neo4j_user=target.user,
            neo4j_password=target.password,
        )
        began = time.perf_counter()
        print(publish(settings, path=path), flush=True)
        gowalla.timed("publish", began)
        users = list(np.random.default_rng(1).choice(trained.users.ids, turns, replace=False))
        users = [str(user) for user in users]
        _latency(client, users[:100], Question(), "warm-up")
        _latency(client, users, Question(), "recommend, seen left out")
        _latency(client, users, Question(exclude_seen=False), "recommend, seen may compete")
        _latency(client, ["nobody"] * 100, Question(), "unknown user")
        heavy = sorted(edges, key=lambda user: -len(edges[user]))[:100]
        _latency(client, heavy, Question(), "recommend, the 100 busiest users")


if __name__ == "__main__":
    main()

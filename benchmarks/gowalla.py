"""The Gowalla split as arrays, in the graph, and as a model: what the benchmarks share."""

import gzip
import os
import time
from pathlib import Path

import neo4j
import numpy as np

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.models.lightgcn import LightGCN, LightGCNConfig
from engine.store import graph_schema
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.training import seed
from engine.training.batch_factories import SOURCES
from engine.training.checkpoint import TrainedModel
from engine.training.trainer import TrainingHooks, train
from engine.training.training_config import TrainingConfig

_LOAD = """
UNWIND $rows AS row
MATCH (user:User {id: row[0]})
UNWIND range(0, size(row[1]) - 1) AS at
MATCH (item:Item {id: row[1][at]})
CREATE (user)-[:INTERACTED {key: row[2] + at, event: 'visit', weight: 1.0, batch: 1,
                            at: 1700000000000 + row[2] + at}]->(item)
"""


def target() -> Neo4jTarget:
    """Return the server of the usual ENGINE_NEO4J_* variables."""
    return Neo4jTarget(
        os.environ["ENGINE_NEO4J_URI"],
        os.environ.get("ENGINE_NEO4J_USER", "neo4j"),
        os.environ["ENGINE_NEO4J_PASSWORD"],
    )


def adjacency(path: Path) -> dict[str, list[str]]:
    """Read ``user item item ...`` lines."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = (line.split() for line in file)
        return {parts[0]: parts[1:] for parts in lines if len(parts) > 1}


def load(client: GraphClient, edges: dict[str, list[str]]) -> None:
    """Fill an empty graph; a graph that already has as many events is taken as it is."""
    expected = sum(len(items) for items in edges.values())
    graph_schema.apply(client, wait_seconds=60)
    goal = client.target
    auth = (goal.user, goal.password)
    with neo4j.GraphDatabase.driver(goal.uri, auth=auth) as driver, driver.session() as session:
        count = "MATCH ()-[r:INTERACTED]->() RETURN count(r) AS n"
        if session.run(count).single(strict=True)["n"] == expected:
            return
        session.run("MATCH (n) CALL (n) {DETACH DELETE n} IN TRANSACTIONS OF 5000 ROWS").consume()
        for label, ids in (("User", list(edges)), ("Item", item_ids(edges))):
            session.run(f"UNWIND $ids AS id CREATE (:{label} {{id: id}})", ids=ids).consume()
        rows, key = [], 0
        for user, items in edges.items():
            rows.append([user, items, key])
            key += len(items)
        for start in range(0, len(rows), 300):
            session.run(_LOAD, rows=rows[start : start + 300]).consume()


def item_ids(edges: dict[str, list[str]]) -> list[str]:
    """Return every item, sorted."""
    return sorted({item for items in edges.values() for item in items})


def lightgcn(edges: dict[str, list[str]], epochs: int = 3) -> TrainedModel:
    """Return the engine's own default model after a few epochs from its spectral start."""
    users, items = Vocabulary(sorted(edges)), Vocabulary(item_ids(edges))
    row = np.repeat(np.arange(len(users)), [len(edges[id_]) for id_ in users.ids])
    column = items.positions(item for id_ in users.ids for item in edges[id_])
    known = Interactions.of(users, items, row, column, events=("checkin",))
    config, material = LightGCNConfig(), TrainingData(known)
    encoder = LightGCN(known, config, seed.generator(0, "start"))
    training = TrainingConfig(
        epochs=epochs, batch_size=16_384, negative_count=512, learning_rate=0.01, recency=0.0
    )
    train(encoder, SOURCES["pairs"](material, config, training, 0), training, TrainingHooks())
    vectors = encoder.encode()
    return TrainedModel(
        user_vectors=vectors.users,
        item_vectors=vectors.items,
        users=users,
        items=items,
        scoring="cosine",
        popularity_weight=0.1,
        again_weight=0.5,
        half_life_days=120.0,
        model="lightgcn",
    )


def timed(text: str, began: float) -> float:
    """Print and return the seconds since ``began``."""
    seconds = time.perf_counter() - began
    print(f"{text}: {seconds:.2f} s", flush=True)
    return seconds

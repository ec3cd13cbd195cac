"""What test graphs are made of: an empty database, users and their events, vectors of nobody."""

import neo4j
import numpy as np

from engine.data.vocabulary import Vocabulary
from engine.training.checkpoint import TrainedModel

NEWEST = 1_700_000_000_000
"""The last event, in epoch milliseconds."""


def clear(driver: neo4j.Driver) -> None:
    """Remove every node and every vector index."""
    with driver.session() as session:
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS").consume()
        for record in session.run("SHOW VECTOR INDEXES YIELD name RETURN name").data():
            session.run(f"DROP INDEX `{record['name']}`").consume()


def buy(driver: neo4j.Driver, n_users: int) -> None:
    """Create users u0.. with five to seven events each, on items that are there: i0.."""
    with driver.session() as session:
        session.run(
            "UNWIND range(0, $users - 1) AS n CREATE (:User {id: 'u' + toString(n)})",
            users=n_users,
        ).consume()
        session.run(
            "MATCH (i:Item) WITH count(i) AS items "
            "MATCH (u:User) WITH u, toInteger(substring(u.id, 1)) AS n, items "
            "UNWIND range(0, 4 + n % 3) AS step "
            "MATCH (i:Item {id: 'i' + toString((n * step) % items)}) "
            "CREATE (u)-[:INTERACTED {key: n * 1000 + step, event: 'buy', weight: 1.0, batch: 1, "
            "at: $newest - step * 86400000}]->(i)",
            newest=NEWEST,
        ).consume()


def untrained(n_users: int, n_items: int, seed: int = 3) -> TrainedModel:
    """Return vectors nobody trained: what matters is that two seeds give two sets of lists."""
    rng = np.random.default_rng(seed)
    return TrainedModel(
        user_vectors=rng.normal(size=(n_users, 16)).astype(np.float32),
        item_vectors=rng.normal(size=(n_items, 16)).astype(np.float32),
        users=Vocabulary([f"u{n}" for n in range(n_users)]),
        items=Vocabulary([f"i{n}" for n in range(n_items)]),
        scoring="cosine",
        popularity_weight=0.2,
        again_weight=0.5,
        half_life_days=10.0,
        model=f"sample-{seed}",
    )

"""A small catalogue with two tastes, and a model of it, for the tests of publish and recommend."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import neo4j
import numpy as np
import pytest

from engine.config import Settings
from engine.data.vocabulary import Vocabulary
from engine.pipeline.publish import Published, publish
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.training import checkpoint
from engine.training.checkpoint import Trained

NEWEST = 1_700_000_000_000


@dataclass(frozen=True)
class Shop:
    """Settings to publish with, and the model."""

    settings: Settings
    trained: Trained
    folder: Path
    newest: int = NEWEST

    def publish(self, **changes: object) -> Published:
        """Publish the model, some of its values changed."""
        path = self.folder / "model.pt"
        checkpoint.save(path, replace(self.trained, **changes))  # type: ignore[arg-type]
        return publish(self.settings, path=path)


def _open_shop(target: Neo4jTarget, driver: neo4j.Driver, folder: Path, n_items: int) -> Shop:
    """Create users u0..u29, items i0.., one percent of them rare, and events on the first ones."""
    rng = np.random.default_rng(3)
    users = Vocabulary([f"u{n}" for n in range(30)])
    items = Vocabulary([f"i{n}" for n in range(n_items)])
    with driver.session() as session:
        session.run("UNWIND $ids AS id CREATE (:User {id: id})", ids=list(users.ids)).consume()
        session.run(
            "UNWIND range(0, $n - 1) AS n CREATE (:Item {id: 'i' + toString(n), "
            "title: 'Item ' + toString(n), "
            "kind: CASE n % 100 WHEN 7 THEN 'rare' ELSE 'common' END})",
            n=n_items,
        ).consume()
        session.run(
            "MATCH (u:User) WITH u, toInteger(substring(u.id, 1)) AS n "
            "UNWIND range(0, 4 + n % 3) AS step "
            "MATCH (i:Item {id: 'i' + toString((n * step) % $items)}) "
            "CREATE (u)-[:INTERACTED {key: n * 1000 + step, event: 'buy', weight: 1.0, batch: 1, "
            "at: $newest - step * 86400000}]->(i)",
            items=n_items,
            newest=NEWEST,
        ).consume()
    trained = Trained(
        user_vectors=rng.normal(size=(30, 16)).astype(np.float32),
        item_vectors=rng.normal(size=(n_items, 16)).astype(np.float32),
        users=users,
        items=items,
        scoring="cosine",
        popularity_weight=0.2,
        again_weight=0.5,
        half_life_days=10.0,
        model="sample",
    )
    settings = Settings(
        home=folder / "home",
        neo4j_uri=target.uri,
        neo4j_user=target.user,
        neo4j_password=target.password,
    )
    return Shop(settings, trained, folder)


@pytest.fixture
def open_shop(
    graph: GraphClient, neo4j_target: Neo4jTarget, bare_driver: neo4j.Driver, tmp_path: Path
) -> Callable[[int], Shop]:
    """Fill the graph with a catalogue of so many items and return its shop."""
    assert graph.server.version
    return lambda n_items: _open_shop(neo4j_target, bare_driver, tmp_path, n_items)

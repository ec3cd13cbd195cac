"""Publishing: what is served afterwards, what is refused, what an interruption leaves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from engine.api import Engine
from engine.data.vocabulary import Vocabulary
from engine.errors import PublishRefused, UsageError
from engine.graph import census, embeddings, index_recall, stored_generations, vector_index
from engine.graph.pulling import pull
from engine.models.item_knn import ItemKnn, ItemKnnConfig
from engine.publishing import index_tuning
from engine.store.graph_client import GraphClient
from engine.training import checkpoint
from engine.usecases.generations import list_generations
from engine.usecases.modelling import publish

Run = Callable[..., list[dict[str, Any]]]
_KEYS = [f"Brand:{n}" for n in range(4)]
_ENTITIES = "UNWIND $keys AS key CREATE (:Entity:Brand {key: key, id: substring(key, 6)})"
_NEAREST_ENTITIES = """
MATCH (user:User {id: 'u5'})
CALL db.index.vector.queryNodes('entity_embedding_g1', 9, user.embedding_g1) YIELD node, score
WITH node ORDER BY score DESC
RETURN collect(node.key) AS keys
"""

_MORE_USERS = """
UNWIND range(30, 99) AS n
CREATE (user:User {id: 'u' + toString(n)})
WITH user, n
UNWIND range(0, 4) AS step
MATCH (item:Item {id: 'i' + toString((n * 7 + step * 3) % 300)})
CREATE (user)-[:INTERACTED {key: n * 1000 + step, event: 'buy', weight: 1.0, batch: 1,
                            at: 1700000000000}]->(item)
"""

_USERS_OF_ONE_ITEM = """
UNWIND range(100, 459) AS n
CREATE (user:User {id: 'u' + toString(n)})
WITH user, n
// Of six users five have one item, and one has two that go together.
UNWIND range(0, CASE n % 6 WHEN 0 THEN 1 ELSE 0 END) AS step
WITH user, n, step, CASE n % 6 WHEN 0 THEN (n / 6 % 5) * 2 + step ELSE n % 10 END AS own
MATCH (item:Item {id: 'i' + toString(own)})
CREATE (user)-[:INTERACTED {key: n * 1000 + step, event: 'buy', weight: 1.0, batch: 1,
                            at: 1700000000000}]->(item)
"""


@pytest.fixture
def shop(open_shop: Callable[[int], Any]) -> Any:
    return open_shop(300)


@pytest.mark.parametrize("scoring", ["cosine", "dot"])
def test_a_published_model_is_in_service(shop: Any, graph: GraphClient, scoring: str) -> None:
    published = shop.publish(scoring=scoring)

    assert census.serving_generation(graph) == published.generation == 1
    assert published.overlap >= index_tuning.ENOUGH
    assert (published.users, published.items, published.not_in_graph) == (30, 300, 0)
    assert published.dimension == (17 if scoring == "dot" else 16)
    assert published.entities == 0
    for label in ("User", "Item"):
        assert vector_index.health(graph, label, 1, published.dimension) is None
    assert "missing" in (vector_index.health(graph, "Entity", 1, published.dimension) or "")
    assert list_generations(shop.settings)[0]["state"] == "serving"


def test_vectors_that_were_made_elsewhere_are_served(
    shop: Any, graph: GraphClient, tmp_path: Path
) -> None:
    folder, trained = tmp_path / "vectors", shop.trained
    for name, ids, vectors in (
        ("users", trained.users.ids, trained.user_vectors),
        ("items", trained.items.ids, trained.item_vectors),
    ):
        (folder / name).mkdir(parents=True)
        for part, rows in enumerate(np.array_split(np.arange(len(ids)), 3)):
            # As Spark and pandas write it: a list of numbers, not told that all have one length.
            found = {"id": [ids[row] for row in rows], "vector": vectors[rows].tolist()}
            pyarrow.parquet.write_table(pa.table(found), folder / name / f"part-{part}.parquet")
    (folder / "model.json").write_text('{"model": "als-of-spark"}')
    published = Engine(shop.settings, progress=False).publish(vectors=folder)
    assert (published.users, published.items) == (len(trained.users), 300)
    assert published.model == "als-of-spark"
    assert census.serving_generation(graph) == published.generation
    with pytest.raises(UsageError, match="one at a time"):
        Engine(shop.settings).publish(1, vectors=folder)
    with pytest.raises(UsageError, match="there is no folder"):
        Engine(shop.settings).publish(vectors=folder / "none")


@pytest.mark.parametrize("scoring", ["cosine", "dot"])
def test_entities_are_published_beside_and_go_with_their_generation(
    shop: Any, graph: GraphClient, run: Run, scoring: str
) -> None:
    run(_ENTITIES, keys=_KEYS[:3])
    vectors = np.random.default_rng(1).normal(size=(4, 16)).astype(np.float32)
    known = {"entity_vectors": vectors, "entities": Vocabulary(_KEYS), "scoring": scoring}

    published = shop.publish(**known)

    assert (published.entities, published.not_in_graph) == (3, 1)
    told = {f"{step} {what}" for step in ("writing", "indexing") for what in ("users", "entities")}
    assert {*told, "writing items", "checking the index"} <= set(shop.stages)
    assert vector_index.health(graph, "Entity", 1, published.dimension) is None
    row = run(_NEAREST_ENTITIES)[0]
    expected = shop.trained.user_vectors[5] @ index_recall.unit(vectors[:3]).T
    if scoring == "dot":
        expected = shop.trained.user_vectors[5] @ vectors[:3].T
    assert row["keys"] == [_KEYS[at] for at in np.argsort(-expected)]
    shop.publish()
    assert shop.publish().removed == (1,)
    assert embeddings.coverage(graph, "Entity", 1).vectors == 0
    assert "missing" in (vector_index.health(graph, "Entity", 1, published.dimension) or "")


def test_nodes_without_a_vector_are_counted(shop: Any, graph: GraphClient) -> None:
    vectors = shop.trained.user_vectors.copy()
    vectors[:4] = 0
    graph_ids = shop.trained.items.ids
    published = shop.publish(user_vectors=vectors)
    assert (published.users, published.users_without) == (26, 4)
    assert published.items == len(graph_ids)


def test_a_new_generation_replaces_the_old_and_removes_the_one_before(
    shop: Any, graph: GraphClient
) -> None:
    for _ in range(2):
        assert shop.publish().removed == ()
    assert shop.publish().removed == (1,)
    assert census.serving_generation(graph) == 3
    assert embeddings.coverage(graph, "User", 1).vectors == 0
    assert "missing" in (vector_index.health(graph, "Item", 1, 16) or "")
    assert [one["state"] for one in list_generations(shop.settings)][:2] == ["serving", "retired"]


def test_what_an_interrupted_publish_left_is_removed(
    shop: Any, graph: GraphClient, run: Run
) -> None:
    run(_ENTITIES, keys=_KEYS)
    shop.publish()
    stored_generations.create_candidate(graph, 2, {"model": "torn"})
    embeddings.write(graph, "User", 2, shop.trained.users, shop.trained.user_vectors)
    settings = vector_index.IndexSettings(16, 100)
    embeddings.write(graph, "Entity", 2, Vocabulary(_KEYS), np.ones((4, 16), dtype=np.float32))
    for label in ("User", "Entity"):
        vector_index.build(graph, label, 2, 16, settings)
    assert census.serving_generation(graph) == 1

    with pytest.raises(PublishRefused):  # what a failed publish finds stays as it was
        shop.publish(item_vectors=np.zeros_like(shop.trained.item_vectors))
    assert embeddings.coverage(graph, "User", 2).vectors == 30
    published = shop.publish()

    assert published.generation == 4
    assert published.removed == (2,)
    for label in ("User", "Entity"):
        assert embeddings.coverage(graph, label, 2).vectors == 0
        assert "missing" in (vector_index.health(graph, label, 2, 16) or "")
    assert [one.number for one in stored_generations.generations(graph)] == [4, 1]


def test_a_model_that_cannot_be_served_is_refused_and_cleaned_up(
    shop: Any, graph: GraphClient
) -> None:
    shop.publish()
    broken = shop.trained.item_vectors.copy()
    broken[5, 3] = np.nan
    with pytest.raises(PublishRefused, match="finite"):
        shop.publish(item_vectors=broken)
    with pytest.raises(PublishRefused, match="no vector"):
        shop.publish(item_vectors=np.zeros_like(broken))
    assert census.serving_generation(graph) == 1
    assert [one.number for one in stored_generations.generations(graph)] == [1]
    assert list_generations(shop.settings)[0]["state"] == "refused"


def test_an_index_that_serves_another_ranking_is_refused(
    shop: Any, graph: GraphClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_tuning, "LADDER", index_tuning.LADDER[:2])
    monkeypatch.setattr(index_tuning, "OVER_FETCHES", (10,))
    with pytest.raises(PublishRefused, match="top 20"):
        shop.publish()
    assert census.serving_generation(graph) is None
    assert stored_generations.generations(graph) == []
    first, again = (stage for stage in shop.stages if stage.startswith("indexing items"))
    assert first == "indexing items (m=16, ef_construction=100)"
    assert again == (
        "indexing items again with larger settings (m=32, ef_construction=300): so far it serves "
        "50.0% of the model's own top 20"
    )


def test_a_sick_index_is_named(shop: Any, graph: GraphClient) -> None:
    shop.publish()
    assert "16 dimensions" in (vector_index.health(graph, "Item", 1, 17) or "")
    vector_index.drop(graph, 1)
    assert "item_embedding_g1 is missing" in (vector_index.health(graph, "Item", 1, 16) or "")


def test_vectors_in_another_order_than_their_ids_are_refused_before_anything_is_written(
    shop: Any, graph: GraphClient, run: Run
) -> None:
    """A hundred users, each the sum of its items; then the rows of users are turned round."""
    run(_MORE_USERS)
    items = np.random.default_rng(1).normal(size=(300, 16)).astype(np.float32)
    had = [[(n * step) % 300 for step in range(5 + n % 3)] for n in range(30)]
    had += [[(n * 7 + step * 3) % 300 for step in range(5)] for n in range(30, 100)]
    users = np.stack([items[own].sum(axis=0) for own in had])
    known = {"users": Vocabulary([f"u{n}" for n in range(100)]), "item_vectors": items}
    with pytest.raises(PublishRefused, match="do not belong to their ids"):
        shop.publish(user_vectors=users[::-1].copy(), **known)
    assert stored_generations.generations(graph) == []
    assert list_generations(shop.settings) == []
    assert shop.publish(user_vectors=users, **known).generation == 1


def test_a_filter_of_users_who_have_one_item_is_served_and_one_of_other_ids_is_not(
    shop: Any, graph: GraphClient, run: Run
) -> None:
    """No edge leads an item to itself: of who has one item it says nothing of that item."""
    run(_USERS_OF_ONE_ITEM)
    events = pull.pull_interactions(graph)
    edges = ItemKnn(events).item_edges(50)
    known = {
        "user_vectors": np.zeros((events.n_users, 0), dtype=np.float32),
        "item_vectors": np.zeros((events.n_items, 0), dtype=np.float32),
        "users": events.users,
        "scoring": "dot",
        "settings": vars(ItemKnnConfig()),
    }
    ids = np.array(events.items.ids)
    led_from = np.flatnonzero(np.diff(edges.indptr))
    ids[led_from] = ids[np.roll(led_from, 3)]
    with pytest.raises(PublishRefused, match="do not belong to their ids"):
        shop.publish(edges=edges, items=Vocabulary(ids.tolist()), **known)
    assert shop.publish(edges=edges, items=events.items, **known).generation == 1


def test_no_candidate_stays_whatever_ends_the_publish(shop: Any, graph: GraphClient) -> None:
    checkpoint.save(shop.folder / "model.pt", shop.trained)

    def press_ctrl_c(stage: str, _done: int, _all: int) -> None:
        if stage.startswith("indexing items"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(shop.settings, path=shop.folder / "model.pt", report=press_ctrl_c)
    assert stored_generations.generations(graph) == []
    assert embeddings.coverage(graph, "User", 1).vectors == 0
    assert [one["state"] for one in list_generations(shop.settings)] == ["refused"]

"""PyTorch Geometric's own loaders on Neo4j give what its in-memory classes give."""

import neo4j
import numpy as np
import pytest
import torch
from torch_geometric.data import HeteroData
from torch_geometric.loader import LinkLoader, NodeLoader
from torch_geometric.sampler import NegativeSampling

from engine.errors import EngineError, NotFound, UsageError
from engine.graph.pyg import (
    EVENTS,
    EdgeSampling,
    Feature,
    Neo4jFeatureStore,
    Neo4jGraphStore,
    Neo4jSampler,
    Prefetched,
    Triple,
    to_hetero_data,
)
from engine.store.graph_client import GraphClient

_TRIPLES = [EVENTS, Triple("Item", "IN_CATEGORY", "Category"), Triple("User", "TRUSTS", "User")]
_FEATURES = {
    "Item": {"x": "vector", "price": "price"},
    "User": {"x": Feature(("age", "vector")), "y": Feature(("class",), torch.long, missing=-1)},
}
_EDGES = ("User", "INTERACTED", "Item")
_CREATE = """
UNWIND range(0, 3) AS c CREATE (:Entity:Category {id: 'c' + c, key: 'Category:c' + c})
WITH count(*) AS n
UNWIND range(0, 29) AS i
MATCH (c:Category {id: 'c' + i % 4})
CREATE (:Item {id: 'i' + i, vector: [1.0 * i, i + 0.5, 0.25], price: 2 * i})-[:IN_CATEGORY]->(c)
WITH count(*) AS n
UNWIND range(0, 39) AS u CREATE (user:User {id: 'u' + u, age: u})
SET user.class = CASE WHEN u % 5 = 0 THEN null ELSE u % 3 END,
    user.vector = CASE WHEN u = 7 THEN null ELSE [u / 2.0, 1] END
WITH user, u UNWIND range(0, u % 6) AS turn
MATCH (item:Item {id: 'i' + (u * 11 + turn * turn * 3) % 30})
CREATE (user)-[:INTERACTED {key: u * 10 + turn, weight: 1.0 + turn, at: turn * 5}]->(item)
"""
_TRUST = """
UNWIND range(0, 39) AS u MATCH (a:User {id: 'u' + u}), (b:User {id: 'u' + (u * 3 + 1) % 40})
CREATE (a)-[:TRUSTS]->(b)
"""


@pytest.fixture
def shop(graph: GraphClient, bare_driver: neo4j.Driver) -> GraphClient:
    """40 users, 30 items in 4 categories, events and trust."""
    with bare_driver.session() as session:
        session.run(_CREATE).consume()
        session.run(_TRUST).consume()
    return graph


@pytest.fixture
def stores(shop: GraphClient) -> tuple[Neo4jFeatureStore, Neo4jGraphStore]:
    """Both stores on the shop."""
    graph_store = Neo4jGraphStore(shop, _TRIPLES)
    return Neo4jFeatureStore(graph_store, _FEATURES), graph_store


def _edges(data: HeteroData, kind: tuple[str, str, str]) -> list[tuple[int, int]]:
    """Return the edges of a batch by the rows of the whole graph."""
    source, target = data[kind].edge_index
    ends = data[kind[0]].n_id[source], data[kind[2]].n_id[target]
    return sorted(zip(*(end.tolist() for end in ends), strict=True))


def test_the_whole_graph_is_what_was_loaded(shop: GraphClient, bare_driver: neo4j.Driver) -> None:
    data = to_hetero_data(shop, _TRIPLES, _FEATURES, weight="weight", times=True)
    with bare_driver.session() as session:
        text = (
            "MATCH (a)-[r]->(b) "
            "RETURN type(r) AS t, a.id AS a, b.id AS b, r.weight AS w, r.at AS at"
        )
        loaded = session.run(text).data()
    for head, relation, tail in [(t.head, t.relation, t.tail) for t in _TRIPLES]:
        ids = {label: sorted(_ids(bare_driver, label)) for label in (head, tail)}
        there, back = data[head, relation, tail], data[tail, f"rev_{relation}", head]
        columns = (*there.edge_index, there.edge_weight, there.edge_time)
        got = [
            (ids[head][a], ids[tail][b], w, at)
            for a, b, w, at in zip(*(column.tolist() for column in columns), strict=True)
        ]
        wanted = [
            (e["a"], e["b"], 1.0 if e["w"] is None else e["w"], e["at"] or 0)
            for e in loaded
            if e["t"] == relation
        ]
        assert sorted(got) == sorted(wanted)
        assert torch.equal(back.edge_index, there.edge_index.flip(0))
    numbers = [int(id_[1:]) for id_ in sorted(f"u{u}" for u in range(40))]
    wanted_x = [[u, 0.0, 0.0] if u == 7 else [u, u / 2, 1.0] for u in numbers]
    assert torch.equal(data["User"].x, torch.tensor(wanted_x))
    assert data["User"].y.tolist() == [-1 if u % 5 == 0 else u % 3 for u in numbers]
    assert data["Item"].x.shape == (30, 3)
    assert data["Item"].price.shape == (30,)


def _ids(driver: neo4j.Driver, label: str) -> list[str]:
    with driver.session() as session:
        return [row["id"] for row in session.run(f"MATCH (n:{label}) RETURN n.id AS id")]


def test_a_node_loader_with_all_neighbours_gives_the_exact_neighbourhood(
    shop: GraphClient, stores: tuple[Neo4jFeatureStore, Neo4jGraphStore]
) -> None:
    whole = to_hetero_data(shop, _TRIPLES, _FEATURES)
    sampler = Neo4jSampler(stores[1], [-1, -1])
    loader = NodeLoader(stores, sampler, input_nodes=("User", torch.arange(40)), batch_size=8)
    for batch in loader:
        batch.validate()
        seeds = batch["User"].input_id
        assert torch.equal(batch["User"].n_id[: batch["User"].batch_size], seeds)
        reached = {
            kind: set(seeds.tolist()) if kind == "User" else set() for kind in whole.node_types
        }
        frontier, expected = reached, {kind: set() for kind in whole.edge_types}
        for _ in range(2):
            new: dict[str, set[int]] = {kind: set() for kind in whole.node_types}
            for kind in whole.edge_types:
                for a, b in zip(*whole[kind].edge_index.tolist(), strict=True):
                    if b in frontier[kind[2]]:
                        expected[kind].add((a, b))
                        new[kind[0]].add(a)
            frontier = {kind: new[kind] - reached[kind] for kind in new}
            reached = {kind: reached[kind] | new[kind] for kind in new}
        for kind in whole.edge_types:
            assert set(_edges(batch, kind)) == expected[kind], kind
        for kind, rows in reached.items():
            assert set(batch[kind].n_id.tolist()) == rows
            assert sum(batch[kind].num_sampled_nodes) == len(batch[kind].n_id) == len(rows)
        for kind in ("User", "Item"):
            assert torch.equal(batch[kind].x, whole[kind].x[batch[kind].n_id])
        assert torch.equal(batch["User"].y, whole["User"].y[batch["User"].n_id])


@pytest.mark.parametrize("kind", ["uniform", "replacement", "weighted", "recent"])
def test_a_link_loader_samples_edges_that_exist_within_the_fan_out(
    kind: str, shop: GraphClient, stores: tuple[Neo4jFeatureStore, Neo4jGraphStore]
) -> None:
    whole = to_hetero_data(shop, _TRIPLES)
    exist = {
        one: set(zip(*whole[one].edge_index.tolist(), strict=True)) for one in whole.edge_types
    }
    fanout = {one: [2, 1] for one in whole.edge_types} | {("User", "TRUSTS", "User"): [0, 3]}
    sampler = Neo4jSampler(stores[1], fanout, EdgeSampling(kind), seed=1)
    for mode, amount in (("triplet", 2), ("binary", 1)):
        loader = LinkLoader(
            stores,
            sampler,
            edge_label_index=_EDGES,
            neg_sampling=NegativeSampling(mode, amount),
            batch_size=16,
        )
        seen = []
        for batch in loader:
            batch.validate()
            users, items = batch["User"].n_id, batch["Item"].n_id
            if mode == "triplet":
                pairs = users[batch["User"].src_index], items[batch["Item"].dst_pos_index]
                assert batch["Item"].dst_neg_index.shape == (len(pairs[0]), amount)
            else:
                positive = batch[_EDGES].edge_label == 1
                ends = batch[_EDGES].edge_label_index[:, positive]
                pairs = users[ends[0]], items[ends[1]]
            seen += list(zip(*(end.tolist() for end in pairs), strict=True))
            for one in whole.edge_types:
                edges = _edges(batch, one)
                assert set(edges) <= exist[one]
                counts = np.bincount([b for _, b in edges] or [0])
                assert counts.max() <= max(fanout[one])
            assert batch["User", "TRUSTS", "User"].num_sampled_edges[0] == 0
        assert sorted(seen) == sorted(zip(*whole[_EDGES].edge_index.tolist(), strict=True))


def test_threads_and_workers_give_the_loader_s_batches_in_order(
    shop: GraphClient, stores: tuple[Neo4jFeatureStore, Neo4jGraphStore]
) -> None:
    sampler = Neo4jSampler(stores[1], [3, 2])

    def loader(**more: int) -> NodeLoader:
        return NodeLoader(stores, sampler, input_nodes="User", batch_size=8, **more)

    ways = {
        "plain": loader(),
        "threads": Prefetched(loader(), depth=3, threads=2),
        "forked": loader(num_workers=2, multiprocessing_context="fork"),
        "spawned": loader(num_workers=1, multiprocessing_context="spawn"),
    }
    for name, batches in ways.items():
        assert len(batches) == 5
        rows = [batch["User"].n_id[: batch["User"].batch_size] for batch in batches]
        assert torch.cat(rows).tolist() == list(range(40)), name
    assert shop.read("status/counts"), "the parent's connections are still its own"


def test_an_error_in_a_thread_reaches_the_training_loop(
    stores: tuple[Neo4jFeatureStore, Neo4jGraphStore],
) -> None:
    loader = NodeLoader(
        stores,
        Neo4jSampler(stores[1], [2]),
        input_nodes=("User", torch.tensor([1, 2, 99])),
        batch_size=1,
    )
    batches = iter(Prefetched(loader, depth=1))
    assert next(batches)["User"].batch_size == 1
    next(batches)
    with pytest.raises(UsageError, match="rows of User go from 0 to 39"):
        next(batches)


def test_wrong_parameters_are_named(
    shop: GraphClient, stores: tuple[Neo4jFeatureStore, Neo4jGraphStore]
) -> None:
    graph_store = stores[1]
    sampler = Neo4jSampler(graph_store, [2])
    with_times = NodeLoader(
        stores, sampler, input_nodes=("User", torch.arange(3)), input_time=torch.arange(3)
    )
    loader = NodeLoader(stores, sampler, input_nodes="User", num_workers=1)
    wrong: list[tuple[type[EngineError], str, object]] = [
        (UsageError, "num_neighbors", lambda: Neo4jSampler(graph_store, [-2])),
        (UsageError, "num_neighbors", lambda: Neo4jSampler(graph_store, [])),
        (UsageError, "num_neighbors", lambda: Neo4jSampler(graph_store, {("A", "b", "C"): [1]})),
        (
            UsageError,
            "'segment'",
            lambda: Neo4jFeatureStore(graph_store, {"User": {"y": "segment"}}),
        ),
        (UsageError, "no numbers", lambda: Neo4jFeatureStore(graph_store, {"User": {"y": "id"}})),
        (UsageError, "node type", lambda: Neo4jFeatureStore(graph_store, {"Shop": {"y": "id"}})),
        (UsageError, "relation", lambda: Neo4jGraphStore(shop, [Triple("User", "LOVES", "Item")])),
        (UsageError, "input_time", lambda: next(iter(with_times))),
        (UsageError, "parameter loader", lambda: Prefetched(loader)),
        (UsageError, "parameter depth", lambda: Prefetched(loader, depth=0)),
        (UsageError, "read only", lambda: stores[0].put_tensor(torch.ones(1), "Item", "x", None)),
        (NotFound, "no User 'u99'", lambda: graph_store.rows_of("User", ["u1", "u99"])),
    ]
    for kind, message, call in wrong:
        with pytest.raises(kind, match=message):
            call()  # type: ignore[operator]

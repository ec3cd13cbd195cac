"""Edges become rows: sorted, both ways, merged, with their weights and times."""

import networkx as nx
import numpy as np
import pytest

from engine.data.adjacency import EdgeList, Graph, from_interactions
from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary

NODES = {"User": Vocabulary(["a", "b", "c"]), "Item": Vocabulary(["a", "x"])}


def _edges(*rows: tuple[int, int, float, int]) -> EdgeList:
    source, target, weights, at = zip(*rows, strict=True)
    return EdgeList(
        np.array(source),
        np.array(target),
        np.array(weights, dtype=np.float32),
        np.array(at, dtype=np.int64),
    )


def _rows(graph: Graph) -> list[tuple[int, int, float, int]]:
    assert graph.weights is not None
    assert graph.at is not None
    source = np.repeat(np.arange(len(graph)), graph.degree)
    columns = (source, graph.indices, graph.weights, graph.at)
    return list(zip(*(column.tolist() for column in columns), strict=True))


EDGES = _edges((1, 4, 2.0, 30), (0, 4, 1.0, 20), (0, 3, 1.0, 10), (1, 4, 3.0, 5), (2, 2, 1.0, 1))


def test_rows_are_sorted_and_parallel_edges_are_oldest_first() -> None:
    graph = Graph.from_edges(NODES, EDGES)
    assert _rows(graph) == [(0, 3, 1, 10), (0, 4, 1, 20), (1, 4, 3, 5), (1, 4, 2, 30), (2, 2, 1, 1)]
    assert (graph.indptr.dtype, graph.indices.dtype) == (np.int64, np.int32)
    assert graph.indptr.tolist() == [0, 2, 4, 5, 5, 5]


def test_an_undirected_edge_stands_in_both_rows_and_a_loop_once() -> None:
    graph = Graph.from_edges(NODES, EDGES, undirected=True, merge=True)
    both = {(0, 3, 1, 10), (0, 4, 1, 20), (1, 4, 5, 30)}
    back = {(target, source, weight, at) for source, target, weight, at in both}
    assert _rows(graph) == sorted(both | back | {(2, 2, 1, 1)})


def test_a_user_and_an_item_may_have_the_same_id() -> None:
    graph = Graph.from_edges(NODES, EDGES)
    assert (graph.position("User", "a"), graph.position("Item", "a")) == (0, 3)
    assert graph.position("Item", "b") is None
    assert graph.position("Brand", "a") is None
    assert [graph.name(at) for at in range(5)] == [
        ("User", "a"), ("User", "b"), ("User", "c"), ("Item", "a"), ("Item", "x"),
    ]  # fmt: skip
    assert graph.span("Item") == slice(3, 5)
    with pytest.raises(IndexError):
        graph.name(5)


def test_a_random_graph_is_that_of_networkx(rng: np.random.Generator) -> None:
    n, m = 40, 300
    nodes = {"User": Vocabulary([f"u{at}" for at in range(n)])}
    source, target = rng.integers(n, size=(2, m))
    weights = rng.random(m).astype(np.float32)
    graph = Graph.from_edges(nodes, EdgeList(source, target, weights), undirected=True, merge=True)
    other = nx.Graph()
    other.add_nodes_from(range(n))
    for one, two, weight in zip(source.tolist(), target.tolist(), weights.tolist(), strict=True):
        before = other.get_edge_data(one, two, {"weight": 0.0})["weight"]
        other.add_edge(one, two, weight=before + weight)
    np.testing.assert_allclose(
        graph.scipy().toarray(), nx.to_numpy_array(other, nodelist=range(n)), rtol=1e-6
    )


def test_events_become_edges_between_users_and_items() -> None:
    known = Interactions.of(
        Vocabulary(["u", "v"]),
        Vocabulary(["i"]),
        [0, 1],
        [0, 0],
        weight=[1, 2],
        at=[5, 6],
        events=("buy",),
    )
    graph = from_interactions(known)
    assert _rows(graph) == [(0, 2, 1, 5), (1, 2, 2, 6), (2, 0, 1, 5), (2, 1, 2, 6)]


def test_nothing_is_a_graph_too() -> None:
    empty = np.empty(0, dtype=np.int32)
    graph = Graph.from_edges(NODES, EdgeList(empty, empty), undirected=True, merge=True)
    assert (len(graph), graph.n_edges, graph.degree.tolist()) == (5, 0, [0] * 5)

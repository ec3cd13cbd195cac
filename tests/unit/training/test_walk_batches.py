"""Pairs lie within the window of a walk that exists; negatives come by degree^0.75."""

from typing import Any

import numpy as np
import pytest

from engine.data.adjacency import EdgeList, Graph
from engine.data.vocabulary import Vocabulary
from engine.errors import DataError, UsageError
from engine.models.node2vec import DeepWalkConfig, Node2VecConfig
from engine.training.walk_batches import WalkBatches, pairs

from ...chi_square import likelihood, second_order_likelihood

# Four users by five items; the last item has no event.
_PAIRS = np.array([[0, 4], [0, 5], [1, 4], [1, 6], [2, 5], [2, 6], [2, 7], [3, 7], [3, 4]])


def graph() -> Graph:
    nodes = {"User": Vocabulary(list("abcd")), "Item": Vocabulary(list("vwxyz"))}
    return Graph.from_edges(nodes, EdgeList(_PAIRS[:, 0], _PAIRS[:, 1]), undirected=True)


def adjacency() -> np.ndarray:
    there = np.zeros((9, 9))
    there[_PAIRS[:, 0], _PAIRS[:, 1]] = there[_PAIRS[:, 1], _PAIRS[:, 0]] = 1
    return there


def batches(kind: type = DeepWalkConfig, size: int = 200, **more: Any) -> WalkBatches:
    return WalkBatches(graph(), kind(length=6, window=2, **more), size, 7)


def test_every_pair_lies_within_the_window_of_a_walk_that_exists() -> None:
    source, there = batches(), adjacency()
    walks, batch = source.walks(0, 1), source.batch(0, 1)
    assert (there[walks[:, :-1], walks[:, 1:]] == 1).all()
    expected = sorted(
        (int(walk[at]), int(walk[to]))
        for walk in walks
        for at in range(6)
        for to in range(max(0, at - 2), min(6, at + 3))
        if walk[at] != walk[to]
    )
    found = sorted(zip(batch.nodes.tolist(), batch.contexts.tolist(), strict=True))
    assert found == expected


def test_a_walk_that_ends_makes_no_pair_behind_its_end() -> None:
    walks = np.array([[3, 1, -1, -1], [2, 5, 2, 0]], dtype=np.int32)
    nodes, contexts = pairs(walks, 9)
    found = set(zip(nodes.tolist(), contexts.tolist(), strict=True))
    assert found == {(3, 1), (1, 3), (2, 5), (5, 2), (2, 0), (0, 2), (5, 0), (0, 5)}


def test_an_epoch_walks_from_every_node_with_an_edge() -> None:
    source = batches(per_node=3)
    starts = np.concatenate([source.walks(2, step)[:, 0] for step in range(source.steps)])
    assert np.bincount(starts, minlength=9).tolist() == [3] * 8 + [0]
    of_users = batches(per_node=3, path="user-item")
    starts = np.concatenate([of_users.walks(2, step)[:, 0] for step in range(of_users.steps)])
    assert np.bincount(starts, minlength=9).tolist() == [3] * 4 + [0] * 5


def test_a_batch_depends_on_its_number_alone() -> None:
    late, walked = batches(), batches()
    for step in range(2):
        walked.batch(4, step)
    one, other = late.batch(5, 1), walked.batch(5, 1)
    for name in ("nodes", "contexts", "negatives"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()
    assert one.nodes.tolist() != walked.batch(5, 0).nodes.tolist()
    assert one.nodes.tolist() != walked.batch(6, 1).nodes.tolist()


def test_negatives_come_by_degree_to_three_quarters() -> None:
    batch = batches(size=40_000, per_node=40, noise=20).batch(0, 0)
    weights = adjacency().sum(axis=0) ** 0.75
    counts = np.bincount(batch.negatives.numpy().ravel(), minlength=9)
    assert counts.sum() > 10_000
    assert likelihood(counts, weights / weights.sum()) > 1e-4
    assert likelihood(counts, adjacency().sum(axis=0) / adjacency().sum()) < 1e-6


def test_between_users_and_items_negatives_are_of_the_own_kind() -> None:
    batch = batches(size=40_000, per_node=60, noise=20, path="user-item").batch(0, 0)
    weights = adjacency().sum(axis=0) ** 0.75
    contexts, negatives = batch.contexts.numpy(), batch.negatives.numpy()
    for kind in (slice(0, 4), slice(4, 8)):
        chosen = negatives[(contexts >= kind.start) & (contexts < kind.stop)]
        assert chosen.min() >= kind.start
        counts = np.bincount(chosen.ravel() - kind.start, minlength=4)
        exact = weights[kind] / weights[kind].sum()
        assert likelihood(counts, exact) > 1e-4


def test_the_walks_lean_by_p_and_q() -> None:
    source = batches(Node2VecConfig, size=200_000, per_node=500, p=4.0, q=0.5)
    walks = source.walks(0, 0)
    assert second_order_likelihood(walks, adjacency(), 4.0, 0.5) > 1e-4
    assert second_order_likelihood(walks, adjacency(), 1.0, 1.0) < 1e-6


def test_there_must_be_something_to_walk_along() -> None:
    none = np.empty(0, dtype=np.int64)
    empty = Graph.from_edges({"User": Vocabulary(["a"])}, EdgeList(none, none))
    with pytest.raises(DataError):
        WalkBatches(empty, DeepWalkConfig(), 10, 0)


def test_walks_between_users_and_items_know_no_facts() -> None:
    with pytest.raises(UsageError, match="facts"):
        DeepWalkConfig(path="user-item", facts=True)

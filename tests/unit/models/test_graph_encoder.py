"""What holds of every graph encoder; the layers have tests of their own."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.data.features import NodeFeatures
from engine.data.interactions import Interactions
from engine.errors import DataError, ModelError
from engine.models.encoder import Batch, PairComparison
from engine.models.gat import GATConfig, gat
from engine.models.gcn import GCNConfig, gcn
from engine.models.graph_encoder import GraphEncoder
from engine.models.graphsage import GraphSAGEConfig, graphsage

Build = Callable[..., GraphEncoder]
BUILT: dict[str, Build] = {
    "gcn": lambda train, given, rng, **more: gcn(train, GCNConfig(**more), rng, given),
    "gat": lambda train, given, rng, **more: gat(train, GATConfig(**more), rng, given),
    "mean": lambda train, given, rng, **more: graphsage(train, GraphSAGEConfig(**more), rng, given),
    "max": lambda train, given, rng, **more: graphsage(
        train, GraphSAGEConfig(aggregator="max", **more), rng, given
    ),
    "lstm": lambda train, given, rng, **more: graphsage(
        train, GraphSAGEConfig(aggregator="lstm", **more), rng, given
    ),
}
BATCH = Batch(torch.tensor([0, 1, 1]), torch.tensor([1, 2, 0]), torch.tensor([3, 4]), draw=5)


def build(
    name: str, train: Interactions, given: NodeFeatures | None, **more: object
) -> GraphEncoder:
    return BUILT[name](train, given, np.random.default_rng(0), dimension=8, layers=2, **more)


def loss(batch: PairComparison) -> torch.Tensor:
    return (batch.users @ batch.negatives.T).square().mean() - batch.own.mean()


def some_features(train: Interactions) -> NodeFeatures:
    drawn = np.random.default_rng(3).standard_normal((train.n_items, 5)).astype(np.float32)
    return NodeFeatures(items=drawn)


def edges_of(train: Interactions, items: list[int]) -> tuple[np.ndarray, np.ndarray]:
    pairs = train.csr(binary=True).tocoo()
    at = [(items.index(i), u) for u, i in zip(pairs.row, pairs.col, strict=True) if i in items]
    target, source = np.array(at, dtype=np.int64).reshape(-1, 2).T
    return target, source


@pytest.mark.parametrize("name", ["gcn", "gat", "mean", "max"])
def test_a_known_item_given_as_unseen_gets_its_own_vector(
    name: str, small_graph: Interactions
) -> None:
    given = some_features(small_graph)
    model = build(name, small_graph, given)
    assert given.items is not None
    found = model.embed("items", given.items[[2, 6]], edges_of(small_graph, [2, 6]))
    np.testing.assert_allclose(found, model.encode().items[[2, 6]], atol=1e-5)


@pytest.mark.parametrize("name", BUILT)
def test_an_unseen_item_goes_by_its_features_and_its_edges(
    name: str, small_graph: Interactions
) -> None:
    model = build(name, small_graph, some_features(small_graph))
    features = np.ones((3, 5), dtype=np.float32)
    features[2] = -1.0
    edges = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 0, 1])
    same, again, other = model.embed("items", features, edges)
    np.testing.assert_allclose(same, again, atol=1e-6)
    assert np.abs(same - other).max() > 1e-3
    fewer = model.embed("items", features, (edges[0][1:], edges[1][1:]))
    assert np.abs(fewer[0] - same).max() > 1e-4
    alone = model.embed("items", features, (edges[0][:0], edges[1][:0]))
    np.testing.assert_allclose(np.linalg.norm(alone, axis=1), 1, atol=1e-5)


def test_what_has_no_features_cannot_be_embedded_unseen(small_graph: Interactions) -> None:
    model = build("gcn", small_graph, some_features(small_graph))
    nothing = np.empty(0, dtype=np.int64)
    for side, width in (("users", 5), ("items", 4)):
        with pytest.raises(ModelError, match="cannot embed"):
            model.embed(side, np.ones((1, width), dtype=np.float32), (nothing, nothing))  # type: ignore[arg-type]


def test_features_of_other_items_are_refused(small_graph: Interactions) -> None:
    with pytest.raises(DataError):
        build("gcn", small_graph, NodeFeatures(items=np.ones((3, 5), dtype=np.float32)))


@pytest.mark.parametrize("name", ["gcn", "gat", "mean", "max"])
def test_a_fanout_above_every_degree_is_the_whole_graph(
    name: str, small_graph: Interactions
) -> None:
    whole = build(name, small_graph, None, fanout=0)
    sampled = build(name, small_graph, None, fanout=1_000)
    found, expected = sampled.fit_step(BATCH, loss), whole.fit_step(BATCH, loss)
    assert found.item() == pytest.approx(expected.item(), rel=1e-4)
    found.backward()
    expected.backward()
    pairs = zip(sampled.state().values(), whole.state().values(), strict=True)
    for ours, theirs in pairs:
        torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-5, rtol=1e-3)


@pytest.mark.parametrize("name", BUILT)
def test_a_sampled_step_depends_on_its_draw_and_reaches_every_weight(
    name: str, small_graph: Interactions
) -> None:
    model = build(name, small_graph, some_features(small_graph), fanout=2)
    value = model.fit_step(BATCH, loss)
    assert value.item() == model.fit_step(BATCH, loss).item()
    assert value.item() != model.fit_step(replace(BATCH, draw=6), loss).item()
    value.backward()
    for tensor_name, one in model.state().items():
        assert one.grad is not None, tensor_name
        assert torch.isfinite(one.grad).all(), tensor_name
        assert one.grad.abs().sum() > 0, tensor_name


@pytest.mark.parametrize("name", BUILT)
def test_vectors_have_unit_length_and_strangers_none(name: str, small_graph: Interactions) -> None:
    found = build(name, small_graph, None).encode()
    again = build(name, small_graph, None).encode()
    np.testing.assert_array_equal(found.items, again.items)
    np.testing.assert_allclose(np.linalg.norm(found.users[:8], axis=1), 1, atol=1e-5)
    assert not found.users[8].any()
    assert not found.items[6].any()

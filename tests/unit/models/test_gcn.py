import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.data.features import NodeFeatures
from engine.data.interactions import Interactions
from engine.models.gcn import GCNConfig, MeanLayer, SymmetricLayer, gcn
from engine.models.neighbourhood import NeighbourBlock, Neighbourhood


@pytest.mark.parametrize("last", [True, False])
def test_a_layer_equals_torch_geometric(small_graph: Interactions, *, last: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch_geometric.nn import GraphConv

    block, layer = Neighbourhood(small_graph).whole, MeanLayer(4, last=last, generator=rng())
    reference = GraphConv(4, 4, aggr="mean", bias=False)
    with torch.no_grad():
        reference.lin_rel.weight.copy_(layer.around)
        reference.lin_root.weight.copy_(layer.own)
    vectors = torch.randn(16, 4)
    expected = reference(vectors, torch.stack((block.indices, block.targets)))
    expected = expected if last else expected.relu()
    torch.testing.assert_close(layer(vectors, block), expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("last", [True, False])
def test_a_symmetric_layer_is_kipf_and_welling_s(small_graph: Interactions, *, last: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch_geometric.nn import GCNConv

    block, layer = Neighbourhood(small_graph).whole, SymmetricLayer(4, last=last, generator=rng())
    reference = GCNConv(4, 4, bias=False)
    with torch.no_grad():
        reference.lin.weight.copy_(layer.weight)
    vectors = torch.randn(16, 4)
    expected = reference(vectors, torch.stack((block.indices, block.targets)))
    expected = expected if last else expected.relu()
    torch.testing.assert_close(layer(vectors, block), expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("confidence", ["binary", "linear"])
def test_a_symmetric_layer_by_a_loop(small_graph: Interactions, confidence: str) -> None:
    train = replace(small_graph, weight=1 + np.arange(len(small_graph), dtype=np.float32) % 3)
    config = GCNConfig(confidence=confidence)
    layer = SymmetricLayer(4, last=True, generator=rng())
    vectors, weight = torch.randn(16, 4), layer.weight.detach().numpy()
    pairs = train.csr(binary=confidence == "binary").toarray()
    full = np.block([[np.zeros((9, 9)), pairs], [pairs.T, np.zeros((7, 7))]]) + np.eye(16)
    degree, expected = full.sum(axis=1), np.zeros((16, 4))
    for v in range(16):
        for u in range(16):
            expected[v] += weight @ vectors[u].numpy() * full[v, u] / np.sqrt(degree[u] * degree[v])
    found = layer(vectors, Neighbourhood(train, config).whole).detach()
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_sampled_neighbours_count_as_all_of_them_would(small_graph: Interactions) -> None:
    """Over many draws the mean is what all neighbours say."""
    graph, nodes = Neighbourhood(small_graph), torch.arange(16).flip(0)
    draw, total = torch.Generator().manual_seed(5), torch.zeros(16, 4)
    layer, vectors = (
        SymmetricLayer(4, last=True, generator=rng()),
        torch.randn(16, 4, generator=draw),
    )
    assert int(graph.whole.lengths.max()) > 2
    for _ in range(1_000):
        block, sources = graph.sampled(nodes, 2, draw)
        total += layer(vectors[sources], block).detach()
    whole = layer(vectors, graph.whole).detach()
    torch.testing.assert_close(total / 1_000, whole.flip(0), atol=0.12, rtol=0)


def test_a_symmetric_layer_refuses_a_block_without_degrees() -> None:
    none = torch.zeros(0, dtype=torch.int64)
    block = NeighbourBlock(torch.zeros(3, dtype=torch.int64), none, 2)
    with pytest.raises(ValueError, match="degrees"):
        SymmetricLayer(4, last=True, generator=rng())(torch.randn(2, 4), block)


def test_a_new_item_is_weighed_by_its_own_degree_and_those_of_its_users(
    small_graph: Interactions,
) -> None:
    config = GCNConfig(
        dimension=4, layers=1, normalisation="symmetric", inputs="features", scoring="dot"
    )
    features = np.random.default_rng(1).standard_normal((7, 3)).astype(np.float32)
    encoder = gcn(small_graph, config, rng(), NodeFeatures(items=features))
    new = np.ones((1, 3), dtype=np.float32)
    found = encoder.embed("items", new, (np.array([0, 0]), np.array([1, 3])))[0]
    state = {name: one.detach().numpy() for name, one in encoder.state().items()}
    degree = np.diff(small_graph.csr(binary=True).indptr)
    expected = state["features.items"] @ new[0] / 3
    for user in (1, 3):
        expected = expected + state["vectors"][user] / np.sqrt(3 * (degree[user] + 1))
    np.testing.assert_allclose(found, state["1.w"] @ expected, atol=1e-5)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)

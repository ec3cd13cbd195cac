import warnings

import numpy as np
import pytest
import torch

from engine.data.interactions import Interactions
from engine.errors import UsageError
from engine.models.gat import GATConfig, GATLayer, gat, softmax
from engine.models.neighbourhood import Neighbourhood, block_of


@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("join", ["concat", "average"])
def test_a_layer_equals_torch_geometric(
    small_graph: Interactions, join: str, *, last: bool
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch_geometric.nn import GATConv

    config = GATConfig(dimension=6, heads=3, join=join)
    layer = GATLayer(config, last=last, generator=np.random.default_rng(0))
    width = 2 if join == "concat" else 6
    reference = GATConv(6, width, heads=3, concat=join == "concat", bias=False)
    with torch.no_grad():
        reference.lin.weight.copy_(layer.weight)
        reference.att_dst.copy_(layer.of_target[None])
        reference.att_src.copy_(layer.of_source[None])
    block, vectors = Neighbourhood(small_graph).whole, 3 * torch.randn(16, 6)
    expected = reference(vectors, torch.stack((block.indices, block.targets)))
    expected = expected if last else torch.nn.functional.elu(expected)
    torch.testing.assert_close(layer(vectors, block), expected, atol=1e-5, rtol=0)


def test_shares_of_large_scores_are_numbers_and_add_up_to_one() -> None:
    block = block_of(torch.tensor([0, 0, 1]), torch.tensor([1, 2, 2]), 2, 3)
    found = softmax(torch.tensor([[1000.0], [1000.0], [-1000.0]]), block)
    assert found[:, 0].tolist() == [0.5, 0.5, 1.0]


def test_gradients(small_graph: Interactions) -> None:
    layer = GATLayer(GATConfig(dimension=2, heads=2), last=True, generator=np.random.default_rng(0))
    for name in ("weight", "of_target", "of_source"):
        setattr(layer, name, getattr(layer, name).detach().double().requires_grad_())
    block = block_of(torch.tensor([0, 0, 1]), torch.tensor([1, 2, 2]), 2, 3)
    vectors = torch.randn(3, 2, dtype=torch.float64, requires_grad=True)
    weights = tuple(layer.state().values())
    assert torch.autograd.gradcheck(lambda x, *_: layer(x, block), (vectors, *weights))


def test_heads_that_do_not_divide_the_dimension_are_refused(small_graph: Interactions) -> None:
    with pytest.raises(UsageError, match="3 heads"):
        gat(small_graph, GATConfig(dimension=8, heads=3), np.random.default_rng(0))

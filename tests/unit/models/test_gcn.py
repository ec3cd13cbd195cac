import warnings

import numpy as np
import pytest
import torch

from engine.data.interactions import Interactions
from engine.models.gcn import GCNLayer
from engine.models.neighbourhood import Neighbourhood


@pytest.mark.parametrize("last", [True, False])
def test_a_layer_equals_torch_geometric(small_graph: Interactions, *, last: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch_geometric.nn import GraphConv

    block, layer = Neighbourhood(small_graph).whole, GCNLayer(4, last=last, generator=rng())
    reference = GraphConv(4, 4, aggr="mean", bias=False)
    with torch.no_grad():
        reference.lin_rel.weight.copy_(layer.around)
        reference.lin_root.weight.copy_(layer.own)
    vectors = torch.randn(16, 4)
    expected = reference(vectors, torch.stack((block.indices, block.targets)))
    expected = expected if last else expected.relu()
    torch.testing.assert_close(layer(vectors, block), expected, atol=1e-5, rtol=0)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)

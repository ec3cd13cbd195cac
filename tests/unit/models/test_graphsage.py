import warnings

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from engine.data.interactions import Interactions
from engine.models.aggregators import Lstm
from engine.models.graphsage import GraphSAGELayer, aggregator
from engine.models.neighbourhood import Neighbourhood, block_of


def layer_of(name: str, *, last: bool = True) -> GraphSAGELayer:
    generator = np.random.default_rng(0)
    return GraphSAGELayer(4, aggregator(name, 4, generator), last=last, generator=generator)


@pytest.mark.parametrize("name", ["mean", "max", "lstm"])
def test_a_layer_equals_torch_geometric(small_graph: Interactions, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch_geometric.nn import SAGEConv

    block, layer = Neighbourhood(small_graph).whole, layer_of(name)
    if name == "lstm":
        # Torch Geometric reads the padding too, so all must hear equally many.
        ring = torch.arange(16)
        target, source = ring.repeat(2), torch.cat((ring.roll(1), ring.roll(2)))
        block = block_of(target, source, 16, 16)
    reference = SAGEConv(4, 4, aggr=name, normalize=True, project=name == "max", bias=False)
    state = layer.state()
    with torch.no_grad():
        reference.lin_l.weight.copy_(layer.weight[:, :4])
        reference.lin_r.weight.copy_(layer.weight[:, 4:])
        if name == "max":
            reference.lin.weight.copy_(state["pool"])
            reference.lin.bias.copy_(state["bias"].normal_())
        elif name == "lstm":
            own = {key.removeprefix("lstm."): one for key, one in state.items() if "lstm" in key}
            reference.aggr_module.lstm.load_state_dict(own)
    vectors = torch.randn(16, 4)
    expected = reference(vectors, torch.stack((block.indices, block.targets)))
    torch.testing.assert_close(layer(vectors, block), expected, atol=1e-5, rtol=0)


def test_relu_comes_before_the_unit_length(small_graph: Interactions) -> None:
    block, vectors = Neighbourhood(small_graph).whole, torch.randn(16, 4)
    layer = layer_of("mean", last=False)
    around = torch.zeros(16, 4).index_add(0, block.targets, vectors[block.indices])
    around /= block.lengths.clamp(min=1)[:, None]
    raw = torch.cat((around, vectors), dim=1) @ layer.weight.T
    torch.testing.assert_close(layer(vectors, block), F.normalize(raw.relu(), dim=1))


def test_only_the_lstm_needs_an_order() -> None:
    assert [layer_of(name).ordered for name in ("mean", "max", "lstm")] == [False, False, True]
    assert isinstance(aggregator("lstm", 4, np.random.default_rng(0)), Lstm)

"""Causal attention against PyTorch's own transformer encoder, with the same weights."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from engine.models.causal_attention import AttentionBlock, Dropping

SIZE, HIDDEN, WIDTH = 16, 24, 7


def blocks(layers: int, heads: int) -> list[AttentionBlock]:
    """Return blocks none of whose weights is zero or one."""
    generator = np.random.default_rng(3)
    found = [AttentionBlock.drawn(SIZE, HIDDEN, heads, generator) for _ in range(layers)]
    with torch.no_grad():
        for block in found:
            for one in block.state().values():
                one.add_(0.3 * torch.randn(one.shape))
    return found


def reference(found: list[AttentionBlock], heads: int) -> nn.TransformerEncoder:
    """Return PyTorch's encoder with the weights of these blocks."""
    layer = nn.TransformerEncoderLayer(
        SIZE, heads, HIDDEN, dropout=0.0, activation="relu", batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(copy.deepcopy(layer), len(found), enable_nested_tensor=False)
    names = {
        "self_attn.in_proj_weight": "attention.weight",
        "self_attn.in_proj_bias": "attention.bias",
        "self_attn.out_proj.weight": "out.weight",
        "self_attn.out_proj.bias": "out.bias",
        "linear1.weight": "inner.weight",
        "linear1.bias": "inner.bias",
        "linear2.weight": "outer.weight",
        "linear2.bias": "outer.bias",
        "norm1.weight": "norm1.weight",
        "norm1.bias": "norm1.bias",
        "norm2.weight": "norm2.weight",
        "norm2.bias": "norm2.bias",
    }
    for own, block in zip(encoder.layers, found, strict=True):
        state = block.state()
        own.load_state_dict({theirs: state[ours].detach() for theirs, ours in names.items()})
    return encoder


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("heads", [1, 2, 4])
def test_blocks_equal_the_transformer_encoder(layers: int, heads: int) -> None:
    found = blocks(layers, heads)
    values = torch.randn(5, WIDTH, SIZE)
    ours = values
    for block in found:
        ours = block(ours, None, Dropping())
    mask = nn.Transformer.generate_square_subsequent_mask(WIDTH)
    theirs = reference(found, heads)(values, mask=mask)
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


def test_a_bias_is_added_as_a_float_mask_of_the_transformer_encoder_is() -> None:
    heads, rows = 2, 3
    (block,) = blocks(1, heads)
    values = torch.randn(rows, WIDTH, SIZE)
    later = torch.ones(WIDTH, WIDTH, dtype=torch.bool).triu(1)
    bias = torch.randn(rows, heads, WIDTH, WIDTH).masked_fill(later, -torch.inf)
    ours = block(values, bias, Dropping())
    theirs = reference([block], heads)(values, mask=bias.flatten(0, 1))
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)
    assert not torch.allclose(ours, block(values, None, Dropping()), atol=1e-2)


def test_dropping_keeps_the_mean_and_draws_alike_from_one_seed() -> None:
    values = torch.ones(200, 50)
    once, again = (Dropping(0.4, torch.Generator().manual_seed(1))(values) for _ in range(2))
    torch.testing.assert_close(once, again, atol=0, rtol=0)
    assert float((once == 0).float().mean()) == pytest.approx(0.4, abs=0.02)
    assert float(once.mean()) == pytest.approx(1.0, abs=0.02)
    torch.testing.assert_close(Dropping(0.4)(values), values, atol=0, rtol=0)

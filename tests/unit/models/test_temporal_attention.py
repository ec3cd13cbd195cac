"""Temporal attention against loops written from the formula, and against PyTorch's attention."""

import numpy as np
import pytest
import torch
from torch import nn

from engine.models.causal_attention import NOTHING_DROPPED, Dropping
from engine.models.temporal_attention import Meetings, TemporalAttention, TimeEncoding

SIZE, TIMES, NODES, MOST = 8, 6, 5, 4


def layer(heads: int) -> tuple[TemporalAttention, TimeEncoding]:
    """Return a layer and a time encoding none of whose weights is zero."""
    found = TemporalAttention.drawn(SIZE, TIMES, heads, np.random.default_rng(3))
    times = TimeEncoding.first(TIMES)
    with torch.no_grad():
        for one in (*found.state().values(), times.log_frequency, times.phase):
            one.add_(0.3 * torch.randn(one.shape))
    return found, times


def inputs() -> tuple[torch.Tensor, Meetings]:
    """Return nodes that met 0 to 4 others, seconds to years ago."""
    gaps = 10.0 ** torch.empty(NODES, MOST, dtype=torch.float64).uniform_(-1, 8)
    inside = torch.arange(MOST) < torch.arange(NODES)[:, None]
    return torch.randn(NODES, SIZE), Meetings(torch.randn(NODES, MOST, SIZE), gaps, inside)


@pytest.mark.parametrize("heads", [1, 2, 4])
def test_the_layer_is_that_of_the_formula(heads: int) -> None:
    """Loops over nodes, heads and those met, written from the module's docstring."""
    found, times = layer(heads)
    own, met = inputs()
    ours = found(own, met, times, NOTHING_DROPPED).detach().numpy()
    weights = {name: one.detach().numpy().astype(float) for name, one in found.state().items()}
    omega = np.exp(times.log_frequency.detach().numpy().astype(float))
    phi = times.phase.detach().numpy().astype(float)

    def encoded(seconds: float) -> np.ndarray:
        waves: np.ndarray = np.cos(omega * seconds + phi)
        return waves

    width = SIZE // heads
    for v in range(NODES):
        x = own[v].numpy().astype(float)
        query = weights["query"] @ np.concatenate([x, encoded(0.0)])
        joined = [
            np.concatenate([met.values[v, j].numpy(), encoded(float(met.gaps[v, j]))])
            for j in range(v)
        ]
        mixed = np.zeros(SIZE)
        for head in range(heads):
            part = slice(head * width, (head + 1) * width)
            scores = [query[part] @ (weights["key"] @ one)[part] / np.sqrt(width) for one in joined]
            share = np.exp(scores) / np.sum(np.exp(scores))
            for j, one in enumerate(joined):
                mixed[part] += share[j] * (weights["value"] @ one)[part]
        inner = weights["inner.weight"] @ np.concatenate([mixed, x]) + weights["inner.bias"]
        expected = x + weights["outer.weight"] @ np.maximum(inner, 0.0) + weights["outer.bias"]
        np.testing.assert_allclose(ours[v], expected, atol=1e-4)


@pytest.mark.parametrize("heads", [1, 2])
def test_the_heads_are_those_of_torch(heads: int) -> None:
    """PyTorch's attention with keys and values of another width, and a mask of empty places."""
    found, times = layer(heads)
    own, met = inputs()
    theirs = nn.MultiheadAttention(
        SIZE, heads, bias=False, kdim=SIZE + TIMES, vdim=SIZE + TIMES, batch_first=True
    )
    zero = times(torch.zeros(NODES, dtype=torch.float64))
    with torch.no_grad():
        theirs.q_proj_weight.copy_(torch.eye(SIZE))
        theirs.k_proj_weight.copy_(found.key)
        theirs.v_proj_weight.copy_(found.value)
        theirs.out_proj.weight.copy_(torch.eye(SIZE))
        query = torch.cat((own, zero), dim=1) @ found.query.T
        joined = torch.cat((met.values, times(met.gaps)), dim=2)
        some = slice(1, None)  # theirs is NaN where nobody was met
        expected, _ = theirs(
            query[some, None], joined[some], joined[some], key_padding_mask=~met.inside[some]
        )
        ours = found.attention(own, met, times, NOTHING_DROPPED)
    torch.testing.assert_close(ours[some], expected[:, 0], atol=1e-5, rtol=1e-5)
    assert not ours[0].any(), "nobody was met, so nothing is taken"


def test_what_stands_in_an_empty_place_changes_nothing() -> None:
    found, times = layer(2)
    own, met = inputs()
    values, gaps = met.values.clone(), met.gaps.clone()
    values[~met.inside] = 1e6
    gaps[~met.inside] = 0.0
    once = found(own, met, times, NOTHING_DROPPED)
    again = found(own, Meetings(values, gaps, met.inside), times, NOTHING_DROPPED)
    torch.testing.assert_close(once, again, atol=0, rtol=0)


def test_moments_of_years_are_encoded_to_the_second() -> None:
    """Float32 counts seconds of ten years in steps of 32."""
    times = TimeEncoding.first(TIMES)
    years = 10 * 365 * 86_400
    seconds = torch.tensor([years, years + 1, years + 2], dtype=torch.float64)
    expected = np.cos(np.arange(years, years + 3))
    np.testing.assert_allclose(times(seconds)[:, 0].detach().numpy(), expected, atol=1e-5)


def test_dropping_concerns_the_shares_and_the_inner_part() -> None:
    found, times = layer(2)
    own, met = inputs()
    draws = [Dropping(0.5, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)]
    first, same, other = (found.attention(own, met, times, one) for one in draws)
    torch.testing.assert_close(first, same, atol=0, rtol=0)
    assert not torch.allclose(first, other)
    assert not torch.allclose(
        found(own, met, times, NOTHING_DROPPED),
        found(own, met, times, Dropping(0.5, torch.Generator().manual_seed(1))),
    )

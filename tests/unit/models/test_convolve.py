"""CONVOLVE against a loop written from the paper's formula."""

import numpy as np
import pytest
import torch

from engine.data.walking.visit_counts import VisitCounts
from engine.models.convolve import POOLINGS, ConvolveWeights, convolve
from engine.models.visited_neighbours import VisitedNeighbours, WeightedNeighbours

_NEIGHBOURS = np.array([[1, 2, 4], [3, 0, -1], [0, -1, -1], [-1, -1, -1], [0, 1, 2]], np.int32)
_SHARES = np.array([[0.5, 0.3, 0.2], [0.9, 0.1, 0], [1, 0, 0], [0, 0, 0], [0.4, 0.4, 0.2]])
COUNTS = VisitCounts(_NEIGHBOURS, _SHARES.astype(np.float32))


def drawn(pooling: str, dtype: torch.dtype = torch.float64) -> ConvolveWeights:
    chosen = ConvolveWeights.drawn(4, 6, pooling, np.random.default_rng(0))
    torch.manual_seed(0)
    for bias in (chosen.own_bias, *(chosen.other or ())[1:]):
        bias.data.normal_()  # so that a bias in the wrong place is seen
    other = None if chosen.other is None else tuple(one.detach().to(dtype) for one in chosen.other)
    return ConvolveWeights(chosen.own.detach().to(dtype), chosen.own_bias.detach().to(dtype), other)  # type: ignore[arg-type]


def by_loop(vectors: torch.Tensor, weights: ConvolveWeights, pooling: str) -> torch.Tensor:
    """Algorithm 1, one item after the other."""
    rows = []
    for item, own in enumerate(vectors):
        parts = [own]
        if weights.other is not None:
            q_matrix, q = weights.other
            heard = [
                (share, torch.relu(q_matrix @ vectors[row] + q))
                for row, share in zip(_NEIGHBOURS[item], _SHARES[item], strict=True)
                if row >= 0
            ]
            pooled = torch.zeros(6, dtype=vectors.dtype)
            for share, message in heard:
                if pooling == "importance":
                    pooled = pooled + float(np.float32(share)) * message
                elif pooling == "mean":
                    pooled = pooled + message / len(heard)
                else:
                    pooled = torch.maximum(pooled, message)
            parts.append(pooled)
        row = torch.relu(weights.own @ torch.cat(parts) + weights.own_bias)
        rows.append(row / row.norm())
    return torch.stack(rows)


@pytest.mark.parametrize("pooling", [*POOLINGS, "none"])
def test_a_layer_equals_the_loop(pooling: str) -> None:
    vectors, weights = torch.randn(5, 4, dtype=torch.float64), drawn(pooling)
    heard, sources = VisitedNeighbours(COUNTS).of(torch.arange(5))
    assert sources.tolist() == [0, 1, 2, 3, 4]
    found = convolve(vectors, heard, weights, pooling)
    torch.testing.assert_close(found, by_loop(vectors, weights, pooling), atol=1e-7, rtol=0)


@pytest.mark.parametrize("pooling", [*POOLINGS, "none"])
def test_some_items_get_what_they_get_among_all(pooling: str) -> None:
    vectors, weights = torch.randn(5, 4, dtype=torch.float64), drawn(pooling)
    visited, some = VisitedNeighbours(COUNTS), torch.tensor([4, 1])
    whole = convolve(vectors, visited.of(torch.arange(5))[0], weights, pooling)
    heard, sources = visited.of(some)
    assert sources[:2].tolist() == [4, 1]
    assert len(set(sources.tolist())) == len(sources), "each item once"
    part = convolve(vectors[sources], heard, weights, pooling)
    torch.testing.assert_close(part, whole[some])


@pytest.mark.parametrize("pooling", [*POOLINGS, "none"])
def test_gradients_are_right(pooling: str) -> None:
    drawn_ = drawn(pooling)
    heard, _ = VisitedNeighbours(COUNTS).of(torch.arange(5))
    tensors = [torch.randn(5, 4, dtype=torch.float64), drawn_.own, drawn_.own_bias]
    tensors += list(drawn_.other or ())

    def layer(vectors: torch.Tensor, *parts: torch.Tensor) -> torch.Tensor:
        other = (parts[2], parts[3]) if len(parts) > 2 else None
        return convolve(vectors, heard, ConvolveWeights(parts[0], parts[1], other), pooling)

    assert torch.autograd.gradcheck(layer, tuple(one.clone().requires_grad_() for one in tensors))


def test_new_items_hear_known_ones() -> None:
    weights, known = drawn("importance"), torch.randn(5, 4, dtype=torch.float64)
    new = torch.randn(2, 4, dtype=torch.float64)
    counts = VisitCounts(np.array([[3, 1], [-1, -1]], np.int32), np.array([[0.75, 0.25], [0, 0]]))  # type: ignore[arg-type]
    heard: WeightedNeighbours = VisitedNeighbours.beside(counts, known=5)
    found = convolve(torch.cat((new, known)), heard, weights, "importance")
    q_matrix, q = weights.other or ()
    pooled = sum(
        share * torch.relu(q_matrix @ known[row] + q) for row, share in ((3, 0.75), (1, 0.25))
    )
    for at, message in enumerate((pooled, torch.zeros(6, dtype=torch.float64))):
        row = torch.relu(weights.own @ torch.cat((new[at], message)) + weights.own_bias)
        torch.testing.assert_close(found[at], row / row.norm())

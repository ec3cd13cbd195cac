"""TwHIN's score and loss, worked by hand from the formula."""

import math

import numpy as np
import pytest
import torch

from engine.models.relational import ScoredTriples
from engine.models.twhin import Translation
from engine.training import losses

HEAD, EVENT, TAIL = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]]), torch.tensor([[2.0, 1]])
OTHERS = torch.tensor([[0.0, -1.0], [1.0, 1.0]])


def test_the_paper_s_loss_by_hand() -> None:
    # f = (1, 1)·(2, 1) = 3. Other tails: -1 and 2. Other heads: (0, 0)·(2, 1) = 0 and
    # (1, 2)·(2, 1) = 4.
    score = Translation(unit=False)
    others = score.tails(HEAD, EVENT, OTHERS), score.heads(EVENT, TAIL, OTHERS)
    own = score.own(HEAD, EVENT, TAIL)
    assert own.item() == 3
    assert torch.cat(others, dim=1).tolist() == [[-1, 2, 0, 4]]
    found = losses.skip_gram(1.0)(ScoredTriples(own, torch.cat(others, dim=1)))

    def log_sigmoid(x: float) -> float:
        return -math.log(1 + math.exp(-x))

    expected = -log_sigmoid(3) - sum(log_sigmoid(-x) for x in (-1, 2, 0, 4))
    assert found.item() == pytest.approx(expected, rel=1e-6)


def test_the_cosine_is_that_of_the_moved_head_for_other_heads_too() -> None:
    generator = torch.Generator().manual_seed(3)
    heads, relations, tails, others = (torch.randn(n, 5, generator=generator) for n in (4, 4, 4, 6))
    score = Translation(unit=True)

    def cosine(one: torch.Tensor, other: torch.Tensor) -> float:
        return float(one @ other / (one.norm() * other.norm()))

    pairs = [(row, node) for row in range(4) for node in range(6)]
    with_tails = [cosine(heads[a] + relations[a], others[b]) for a, b in pairs]
    with_heads = [cosine(others[b] + relations[a], tails[a]) for a, b in pairs]
    np.testing.assert_allclose(
        score.tails(heads, relations, others).flatten(), with_tails, atol=1e-6
    )
    np.testing.assert_allclose(
        score.heads(relations, tails, others).flatten(), with_heads, atol=1e-6
    )
    own = [cosine(heads[a] + relations[a], tails[a]) for a in range(4)]
    np.testing.assert_allclose(score.own(heads, relations, tails), own, atol=1e-6)


@pytest.mark.parametrize("unit", [True, False])
def test_gradients(unit: bool) -> None:
    score = Translation(unit=unit)
    tensors = [torch.randn(n, 3, dtype=torch.float64, requires_grad=True) for n in (4, 4, 4, 5)]

    def scores(*given: torch.Tensor) -> torch.Tensor:
        heads, relations, tails, others = given
        parts = score.tails(heads, relations, others), score.heads(relations, tails, others)
        return torch.cat((*parts, score.own(heads, relations, tails)[:, None]), dim=1)

    assert torch.autograd.gradcheck(scores, tensors)

import math

import pytest
import torch

from engine.models.encoder import Compared
from engine.training import losses

# One user on the x axis: the positive scores 0.6, the shared negatives 0.2 and 0.6 (its own item).
USERS = torch.tensor([[1.0, 0.0]])
POSITIVES = torch.tensor([[0.6, 0.8]])
NEGATIVES = torch.tensor([[0.2, 0.0], [0.6, 0.8]])
SAME = torch.tensor([[False, True]])


def test_softmax_by_hand_leaves_the_own_item_out() -> None:
    batch = Compared(USERS, POSITIVES, NEGATIVES, SAME)
    expected = math.log(1 + math.exp((0.2 - 0.6) / 0.1))
    assert losses.softmax(0.1)(batch).item() == pytest.approx(expected, rel=1e-4)


def test_bpr_by_hand_with_negatives_per_pair() -> None:
    batch = Compared(USERS, POSITIVES, torch.tensor([[[0.2, 5.0], [0.9, 0.0]]]))
    expected = (math.log(1 + math.exp(-0.4)) + math.log(1 + math.exp(0.3))) / 2
    assert losses.bpr(1.0)(batch).item() == pytest.approx(expected, rel=1e-5)


def test_bpr_gives_a_left_out_negative_no_loss_and_no_gradient() -> None:
    users = USERS.clone().requires_grad_()
    value = losses.bpr(1.0)(Compared(users, POSITIVES, NEGATIVES[1:], SAME[:, 1:]))
    value.backward()
    assert value.item() == 0
    assert users.grad is not None
    assert torch.isfinite(users.grad).all()


@pytest.mark.parametrize("name", losses.LOSSES)
def test_weights_scale_each_pair(name: str) -> None:
    loss = losses.LOSSES[name](0.5)
    pair = Compared(USERS, POSITIVES, NEGATIVES[:1])
    both = Compared(
        USERS.repeat(2, 1), POSITIVES.repeat(2, 1), NEGATIVES[:1], weights=torch.tensor([3.0, 0.0])
    )
    assert loss(both).item() == pytest.approx(1.5 * loss(pair).item(), rel=1e-5)

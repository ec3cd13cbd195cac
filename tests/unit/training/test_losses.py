import math
from dataclasses import fields

import pytest
import torch

from engine.models.encoder import OwnNegatives, PairComparison
from engine.models.relational import ScoredTriples
from engine.training import losses
from engine.training.training_config import TrainingConfig

# One user on the x axis: the positive scores 0.6, the shared negatives 0.2 and 0.6 (its own item).
USERS = torch.tensor([[1.0, 0.0]])
POSITIVES = torch.tensor([[0.6, 0.8]])
NEGATIVES = torch.tensor([[0.2, 0.0], [0.6, 0.8]])
SAME = (torch.tensor([0]), torch.tensor([1]))


def test_softmax_by_hand_leaves_the_own_item_out() -> None:
    batch = PairComparison(USERS, POSITIVES, NEGATIVES, SAME)
    expected = math.log(1 + math.exp((0.2 - 0.6) / 0.1))
    assert losses.softmax(0.1)(batch).item() == pytest.approx(expected, rel=1e-4)


def test_bpr_by_hand_with_negatives_per_pair() -> None:
    batch = PairComparison(USERS, POSITIVES, torch.tensor([[[0.2, 5.0], [0.9, 0.0]]]))
    expected = (math.log(1 + math.exp(-0.4)) + math.log(1 + math.exp(0.3))) / 2
    assert losses.bpr(1.0)(batch).item() == pytest.approx(expected, rel=1e-5)


def test_a_pairs_own_negative_counts_by_its_weight_beside_the_shared_ones() -> None:
    users = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    positives = torch.tensor([[0.6, 0.8], [0.6, 0.8], [0.8, 0.6]])
    own = OwnNegatives(torch.tensor([1, 2]), torch.tensor([7, 9]), torch.tensor([0.5, 1.0]))
    unwanted = torch.tensor([[0.9, 0.0], [0.0, -0.2]])
    owner = torch.tensor([0, 0, 1])
    batch = PairComparison(users, positives, NEGATIVES, None, None, owner, unwanted, own)
    for name in ("softmax", "bpr"):
        loss = losses.chosen(name, temperature=0.5, margin=0.1)
        alone = losses.LOSSES[name](0.5)(batch)
        beside = 0.5 * math.log1p(math.exp(0.3 / 0.5)) + math.log1p(math.exp(-0.8 / 0.5))
        assert loss(batch).item() == pytest.approx(alone.item() + beside / 3, rel=1e-5)
        plain = PairComparison(users, positives, NEGATIVES, None, None, owner)
        assert loss(plain).item() == alone.item()


def test_bpr_gives_a_left_out_negative_no_loss_and_no_gradient() -> None:
    users = USERS.clone().requires_grad_()
    value = losses.bpr(1.0)(PairComparison(users, POSITIVES, NEGATIVES[1:], (SAME[0], SAME[1] - 1)))
    value.backward()
    assert value.item() == 0
    assert users.grad is not None
    assert torch.isfinite(users.grad).all()


def test_max_margin_by_hand_leaves_the_own_item_out() -> None:
    # 0.2 - 0.6 + 0.5 = 0.1, the own item 0; then a third negative: 0.9 - 0.6 + 0.5 = 0.8.
    found = losses.max_margin(0.5)(PairComparison(USERS, POSITIVES, NEGATIVES, SAME))
    assert found.item() == pytest.approx((0.1 + 0.0) / 2, rel=1e-5)
    per_pair = PairComparison(
        USERS, POSITIVES, torch.tensor([[[0.2, 0.0], [0.9, 1.0], [0.0, 1.0]]])
    )
    assert losses.max_margin(0.5)(per_pair).item() == pytest.approx((0.1 + 0.8) / 3, rel=1e-5)


def test_skip_gram_by_hand_adds_negatives_up_and_leaves_the_own_item_out() -> None:
    negatives = torch.cat((NEGATIVES, torch.tensor([[-0.4, 1.0]])))
    expected = sum(math.log(1 + math.exp(x / 0.5)) for x in (-0.6, 0.2, -0.4))
    found = losses.skip_gram(0.5)(PairComparison(USERS, POSITIVES, negatives, SAME))
    assert found.item() == pytest.approx(expected, rel=1e-5)


def test_self_adversarial_by_hand_weighs_negatives_by_how_true_they_look() -> None:
    # Distances 0.5 for the triple, 1.0 and 2.0 for two others; the third is left out.
    batch = ScoredTriples(torch.tensor([-0.5]), torch.tensor([[-1.0, -2.0, -math.inf]]))
    near, far = math.exp(-1.0 / 0.5), math.exp(-2.0 / 0.5)
    expected = math.log(1 + math.exp(-(1.5 - 0.5) / 0.5))
    expected += near / (near + far) * math.log(1 + math.exp((1.5 - 1.0) / 0.5))
    expected += far / (near + far) * math.log(1 + math.exp((1.5 - 2.0) / 0.5))
    found = losses.self_adversarial(1.5, 0.5)(batch)
    assert found.item() == pytest.approx(expected, rel=1e-5)


def test_self_adversarial_sends_no_gradient_through_its_weights() -> None:
    others = torch.tensor([[-1.0, -2.0]], requires_grad=True)
    losses.self_adversarial(1.5)(ScoredTriples(torch.tensor([-0.5]), others)).backward()
    shares = torch.softmax(others.detach(), dim=1)
    assert others.grad is not None
    torch.testing.assert_close(others.grad, shares * torch.sigmoid(others.detach() + 1.5))


def test_self_adversarial_bears_a_row_that_has_nothing_to_be_told_from() -> None:
    nothing = torch.full((1, 2), -math.inf, requires_grad=True)
    value = losses.self_adversarial(1.0)(ScoredTriples(torch.tensor([-1.0]), nothing))
    value.backward()
    assert value.item() == pytest.approx(math.log(2))
    assert nothing.grad is not None
    assert torch.isfinite(nothing.grad).all()


@pytest.mark.parametrize("name", ["max-margin", "skip-gram", "self-adversarial"])
def test_gradients_are_numbers_where_a_negative_is_left_out(name: str) -> None:
    users = USERS.clone().requires_grad_()
    losses.LOSSES[name](0.5)(PairComparison(users, POSITIVES, NEGATIVES, SAME)).backward()
    assert users.grad is not None
    assert torch.isfinite(users.grad).all()
    assert users.grad.abs().sum() > 0


def test_max_margin_goes_by_the_margin_and_the_others_by_the_temperature() -> None:
    batch = PairComparison(USERS, POSITIVES, NEGATIVES, SAME)
    for name, number in (("max-margin", 0.3), ("bpr", 0.7), ("softmax", 0.7), ("skip-gram", 0.7)):
        found = losses.chosen(name, temperature=0.7, margin=0.3)(batch)
        assert found.item() == losses.LOSSES[name](number)(batch).item()
    found = losses.chosen("self-adversarial", temperature=0.7, margin=0.3)(batch)
    assert found.item() == losses.self_adversarial(0.3, 0.7)(batch).item()


def test_every_loss_can_be_chosen_by_its_setting() -> None:
    assert set(losses.LOSSES) == set(fields(TrainingConfig)[0].metadata["choices"])


@pytest.mark.parametrize("name", losses.LOSSES)
def test_weights_scale_each_pair(name: str) -> None:
    loss = losses.LOSSES[name](0.5)
    pair = PairComparison(USERS, POSITIVES, NEGATIVES[:1])
    both = PairComparison(
        USERS.repeat(2, 1), POSITIVES.repeat(2, 1), NEGATIVES[:1], weights=torch.tensor([3.0, 0.0])
    )
    assert loss(both).item() == pytest.approx(1.5 * loss(pair).item(), rel=1e-5)

import pytest
import torch

from engine.training.shared_softmax import Same, shared_softmax

DRAW = torch.Generator().manual_seed(3)
USERS, POSITIVES = (torch.randn(7, 3, generator=DRAW, dtype=torch.float64) for _ in range(2))
NEGATIVES = torch.randn(5, 3, generator=DRAW, dtype=torch.float64)
WEIGHTS = torch.rand(7, generator=DRAW, dtype=torch.float64)
SAME: Same = (torch.tensor([0, 2, 2, 6]), torch.tensor([4, 0, 3, 1]))


def by_autograd(*vectors: torch.Tensor, same: Same | None, temperature: float) -> torch.Tensor:
    users, positives, negatives = vectors
    scores = users @ negatives.T
    if same is not None:
        scores = scores.index_put(same, scores.new_tensor(-torch.inf))
    logits = torch.cat(((users * positives).sum(1, keepdim=True), scores), dim=1) / temperature
    return (-torch.log_softmax(logits, dim=1)[:, 0] * WEIGHTS).sum()


@pytest.mark.parametrize("cells", [1, 12, 1_000])
@pytest.mark.parametrize("same", [None, SAME])
@pytest.mark.parametrize("temperature", [0.02, 1.0])
def test_value_and_gradients_are_those_of_autograd(
    cells: int, same: Same | None, temperature: float
) -> None:
    ours = [one.clone().requires_grad_() for one in (USERS, POSITIVES, NEGATIVES)]
    theirs = [one.clone().requires_grad_() for one in (USERS, POSITIVES, NEGATIVES)]
    value = shared_softmax(*ours, same, WEIGHTS, temperature, cells)
    expected = by_autograd(*theirs, same=same, temperature=temperature)
    torch.testing.assert_close(value, expected)
    (3.0 * value).backward()
    (3.0 * expected).backward()
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one.grad, other.grad)


def test_gradients_by_differences() -> None:
    vectors = [one.clone().requires_grad_() for one in (USERS, POSITIVES, NEGATIVES)]
    assert torch.autograd.gradcheck(lambda *v: shared_softmax(*v, SAME, WEIGHTS, 0.5), vectors)


def test_scores_far_beyond_what_exp_can_hold_stay_finite() -> None:
    users = (1e4 * USERS).requires_grad_()
    value = shared_softmax(users, POSITIVES, NEGATIVES, None, WEIGHTS, 0.1)
    value.backward()
    assert torch.isfinite(value)
    assert users.grad is not None
    assert torch.isfinite(users.grad).all()

"""What a loss keeps."""

from dataclasses import dataclass

import torch

from engine.models.encoder import Loss
from engine.testing.expectation import expect


@dataclass(frozen=True)
class _Scores:
    own: torch.Tensor
    others: torch.Tensor
    weights: torch.Tensor | None = None


def is_one_number(loss: Loss) -> None:
    """It is a finite scalar, also where a negative is left out by a score of -inf."""
    for left_out in (False, True):
        found = loss(_scores(left_out=left_out))
        expect(found.shape == (), f"the loss has the shape {tuple(found.shape)}, not one number")
        expect(bool(torch.isfinite(found)), f"the loss is {found.item()}")


def pulls_positives_up(loss: Loss) -> None:
    """A step against the gradient raises scores of positives and lowers those of negatives."""
    scores = _scores(left_out=False)
    torch.autograd.backward(loss(scores))
    own, others = scores.own.grad, scores.others.grad
    if own is None or others is None:
        raise AssertionError("the loss does not depend on the scores of both")
    expect(bool((own <= 0).all() and own.any()), "positives are not pulled up")
    expect(bool((others >= 0).all() and others.any()), "negatives are not pushed down")


def has_finite_gradients(loss: Loss) -> None:
    """A negative that is left out leaves no NaN in any gradient."""
    scores = _scores(left_out=True)
    torch.autograd.backward(loss(scores))
    for name, tensor in (("positives", scores.own), ("negatives", scores.others)):
        there = tensor.grad is not None and bool(torch.isfinite(tensor.grad).all())
        expect(there, f"the gradient of {name} is not finite")


def counts_weights(loss: Loss) -> None:
    """A row that weighs 0 pulls nothing, and all rows weighing 1 is as without weights."""
    plain, equal, some = (_scores(left_out=False, weights=one) for one in (None, 1.0, 0.0))
    same = torch.allclose(loss(plain), loss(equal))
    expect(same, "with a weight of 1 for every row the loss is another one than without weights")
    torch.autograd.backward(loss(some))
    for name, tensor in (("positives", some.own), ("negatives", some.others)):
        there = tensor.grad is not None and bool(tensor.grad[:3].any())
        expect(not there, f"{name} of a row that weighs 0 are moved all the same")


def _scores(*, left_out: bool, weights: float | None = None) -> _Scores:
    """Return four pairs with three negatives each, some of them ahead of the positive.

    Args:
        left_out: Whether a negative is left out.
        weights: Of all rows but the last, which weighs 1; None: there are no weights.
    """
    generator = torch.Generator().manual_seed(0)
    own, others = (torch.randn(*shape, generator=generator) for shape in ((4,), (4, 3)))
    if left_out:
        others[0, 1] = -torch.inf
    weighed = None if weights is None else torch.tensor([weights, weights, weights, 1.0])
    return _Scores(own.requires_grad_(), others.requires_grad_(), weighed)

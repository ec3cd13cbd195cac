"""TransE against a loop, PyTorch Geometric's layer, and differences."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from torch_geometric.nn import TransE as Reference

from engine.models.transe import TranslationDistance

HEADS, RELATIONS, TAILS = torch.tensor([0, 2, 4]), torch.tensor([1, 0, 1]), torch.tensor([3, 1, 0])


@pytest.fixture
def reference() -> Reference:
    torch.manual_seed(2)
    return Reference(num_nodes=5, num_relations=2, hidden_channels=6, p_norm=2.0)


def vectors(reference: Reference) -> list[torch.Tensor]:
    nodes, relations = reference.node_emb.weight, reference.rel_emb.weight
    return [nodes[HEADS], relations[RELATIONS], nodes[TAILS]]


def test_scores_and_gradients_are_those_of_pytorch_geometric(reference: Reference) -> None:
    weights = list(reference.parameters())
    theirs = reference(HEADS, RELATIONS, TAILS)
    ours = TranslationDistance(unit=True).own(*vectors(reference))
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)
    push = torch.tensor([1.0, -2.0, 0.5])
    expected = torch.autograd.grad((theirs * push).sum(), weights)
    found = torch.autograd.grad((ours * push).sum(), weights)
    for mine, other in zip(found, expected, strict=True):
        torch.testing.assert_close(mine, other, atol=1e-6, rtol=0)


every_norm = pytest.mark.parametrize("norm", [1.0, 2.0])


@every_norm
@pytest.mark.parametrize("unit", [True, False])
def test_other_ends_by_a_loop(reference: Reference, unit: bool, norm: float) -> None:
    nodes = reference.node_emb.weight.detach()
    heads, relations, tails = (one.detach() for one in vectors(reference))
    score, placed = TranslationDistance(unit, norm), F.normalize(nodes, dim=1) if unit else nodes
    with_tails, with_heads = np.empty((3, 5)), np.empty((3, 5))
    for at in range(3):
        for node in range(5):
            head, tail = placed[HEADS[at]], placed[TAILS[at]]
            with_tails[at, node] = -(head + relations[at] - placed[node]).norm(norm)
            with_heads[at, node] = -(placed[node] + relations[at] - tail).norm(norm)
    np.testing.assert_allclose(score.tails(heads, relations, nodes), with_tails, atol=1e-5)
    np.testing.assert_allclose(score.heads(relations, tails, nodes), with_heads, atol=1e-5)


@every_norm
@pytest.mark.parametrize("unit", [True, False])
def test_gradients(unit: bool, norm: float) -> None:
    score = TranslationDistance(unit, norm)
    tensors = [torch.randn(n, 3, dtype=torch.float64, requires_grad=True) for n in (4, 4, 4, 5)]

    def scores(*given: torch.Tensor) -> torch.Tensor:
        heads, relations, tails, others = given
        parts = score.tails(heads, relations, others), score.heads(relations, tails, others)
        return torch.cat((*parts, score.own(heads, relations, tails)[:, None]), dim=1)

    assert torch.autograd.gradcheck(scores, tensors)


def test_a_triple_that_fits_exactly_has_a_gradient_that_is_a_number() -> None:
    head = torch.tensor([[0.25, 0.5]], requires_grad=True)
    step, tail = torch.tensor([[0.5, 0.0]]), torch.tensor([[0.75, 0.5]])
    score = TranslationDistance(unit=False)
    (score.own(head, step, tail).sum() + score.tails(head, step, tail).sum()).backward()
    assert head.grad is not None
    assert torch.isfinite(head.grad).all()

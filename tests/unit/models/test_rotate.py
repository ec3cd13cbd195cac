"""RotatE against PyTorch Geometric's layer, a loop in complex numbers, and differences."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch_geometric.nn import RotatE as Reference

from engine.errors import UsageError
from engine.models.rotate import RotatE, RotatEConfig, RotationDistance

from .triples import complex_of, material_of, vectors_for

HEADS, RELATIONS, TAILS = torch.tensor([0, 2, 4]), torch.tensor([1, 0, 1]), torch.tensor([3, 1, 0])
every_norm = pytest.mark.parametrize("summed", [True, False])
both_lengths = pytest.mark.parametrize("unit", [True, False])


def test_scores_and_gradients_are_those_of_pytorch_geometric() -> None:
    torch.manual_seed(2)
    reference = Reference(num_nodes=5, num_relations=2, hidden_channels=3, margin=0.0)
    nodes = torch.cat((reference.node_emb.weight, reference.node_emb_im.weight), dim=1)
    theirs = reference(HEADS, RELATIONS, TAILS)
    angles = reference.rel_emb.weight[RELATIONS]
    ours = RotationDistance(unit=False).own(nodes[HEADS], angles, nodes[TAILS])
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)
    push, weights = torch.tensor([1.0, -2.0, 0.5]), list(reference.parameters())
    expected = torch.autograd.grad((theirs * push).sum(), weights)
    found = torch.autograd.grad((ours * push).sum(), weights)
    for mine, other in zip(found, expected, strict=True):
        torch.testing.assert_close(mine, other, atol=1e-6, rtol=0)


@every_norm
@both_lengths
def test_every_end_by_a_loop_in_complex_numbers(*, unit: bool, summed: bool) -> None:
    heads, angles, tails, others = vectors_for(6)
    angles = angles[:, :3]
    h, t, c = (complex_of(one) for one in (heads, tails, others))

    def score(head: np.ndarray, turn: torch.Tensor, tail: np.ndarray) -> float:
        if unit:
            head, tail = head / np.linalg.norm(head), tail / np.linalg.norm(tail)
        gap = [a * np.exp(1j * float(b)) - d for a, b, d in zip(head, turn, tail, strict=True)]
        sizes = [abs(one) for one in gap]
        return -sum(sizes) if summed else -float(np.sqrt(sum(one**2 for one in sizes)))

    ours = RotationDistance(unit, summed)
    with_tails = [[score(h[a], angles[a], c[b]) for b in range(6)] for a in range(4)]
    with_heads = [[score(c[b], angles[a], t[a]) for b in range(6)] for a in range(4)]
    own = [score(h[a], angles[a], t[a]) for a in range(4)]
    np.testing.assert_allclose(ours.tails(heads, angles, others), with_tails, atol=1e-5)
    np.testing.assert_allclose(ours.heads(angles, tails, others), with_heads, atol=1e-5)
    np.testing.assert_allclose(ours.own(heads, angles, tails), own, atol=1e-5)


@every_norm
@both_lengths
def test_gradients(*, unit: bool, summed: bool) -> None:
    score = RotationDistance(unit, summed)
    shapes = ((4, 4), (4, 2), (4, 4), (5, 4))
    tensors = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]

    def scores(*given: torch.Tensor) -> torch.Tensor:
        heads, angles, tails, others = given
        parts = score.tails(heads, angles, others), score.heads(angles, tails, others)
        return torch.cat((*parts, score.own(heads, angles, tails)[:, None]), dim=1)

    assert torch.autograd.gradcheck(scores, tensors)


def test_what_fits_exactly_has_a_gradient_that_is_a_number() -> None:
    head = torch.tensor([[0.25, 0.5]], requires_grad=True)
    angle, tail = torch.zeros(1, 1), torch.tensor([[0.25, 0.5]])
    for summed in (True, False):
        score = RotationDistance(unit=False, summed=summed)
        (score.own(head, angle, tail).sum() + score.tails(head, angle, tail).sum()).backward()
        assert head.grad is not None
        assert torch.isfinite(head.grad).all()


@pytest.mark.parametrize("scoring", ["cosine", "dot"])
def test_with_events_of_two_kinds_lists_are_by_the_mean_of_both_squared_distances(
    scoring: str,
) -> None:
    material = material_of()
    kinds = np.array([0, 1, 0, 0, 1, 1, 0], dtype=np.int16)
    events = replace(material.events, event=kinds, events=("buy", "view"))
    config = RotatEConfig(dimension=4, scoring=scoring, start="normal")
    model = RotatE(replace(material, events=events), config, np.random.default_rng(2))
    with torch.no_grad():
        # Near each other on the circle, not as numbers.
        model.graph.relations[:2] = torch.tensor([[3.1, 0.4], [-3.1, -0.3]])
    score = RotationDistance(unit=scoring == "cosine")
    users, items = model.graph.nodes[:5], model.graph.nodes[5:9]
    gaps = [score.tails(users, kind.expand(5, -1), items) for kind in model.graph.relations[:2]]
    wanted = (-4 * gaps[0].square() - 3 * gaps[1].square()).detach()
    found = model.encode()
    by_index = found.users @ found.items.T
    np.testing.assert_array_equal(np.argsort(by_index), np.argsort(wanted.numpy()))


def test_an_odd_dimension_is_refused() -> None:
    with pytest.raises(UsageError, match="not 5"):
        RotatE(material_of(), RotatEConfig(dimension=5), np.random.default_rng(0))


@pytest.mark.parametrize(("start", "widest"), [("spectral", 0.1), ("normal", np.pi)])
def test_angles_begin_on_the_whole_circle_or_near_none(start: str, widest: float) -> None:
    config = RotatEConfig(dimension=32, start=start)
    angles = RotatE(material_of(), config, np.random.default_rng(0)).state()["relations"]
    assert angles.shape == (3, 16)
    assert widest / 4 < angles.abs().max().item() <= widest

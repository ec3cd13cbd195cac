"""ComplEx against PyTorch Geometric's layer, a loop in complex numbers, and differences."""

import numpy as np
import pytest
import torch
from torch_geometric.nn import ComplEx as Reference

from engine.data.training_data import TrainingData
from engine.errors import UsageError
from engine.models.bilinear import BilinearScore
from engine.models.complex import ComplEx, ComplExConfig, ComplexProduct

from .triples import complex_of, material_of, vectors_for

HEADS, RELATIONS, TAILS = torch.tensor([0, 2, 4]), torch.tensor([1, 0, 1]), torch.tensor([3, 1, 0])


def test_scores_and_gradients_are_those_of_pytorch_geometric() -> None:
    torch.manual_seed(2)
    reference = Reference(num_nodes=5, num_relations=2, hidden_channels=3)
    nodes = torch.cat((reference.node_emb.weight, reference.node_emb_im.weight), dim=1)
    relations = torch.cat((reference.rel_emb.weight, reference.rel_emb_im.weight), dim=1)
    theirs = reference(HEADS, RELATIONS, TAILS)
    score = BilinearScore(ComplexProduct(), unit=False)
    ours = score.own(nodes[HEADS], relations[RELATIONS], nodes[TAILS])
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)
    push, weights = torch.tensor([1.0, -2.0, 0.5]), list(reference.parameters())
    expected = torch.autograd.grad((theirs * push).sum(), weights)
    found = torch.autograd.grad((ours * push).sum(), weights)
    for mine, other in zip(found, expected, strict=True):
        torch.testing.assert_close(mine, other, atol=1e-6, rtol=0)


@pytest.mark.parametrize("unit", [True, False])
def test_every_end_by_a_loop_in_complex_numbers(*, unit: bool) -> None:
    heads, relations, tails, others = vectors_for(6)
    h, r, t, c = (complex_of(one) for one in (heads, relations, tails, others))

    def score(head: np.ndarray, relation: np.ndarray, tail: np.ndarray) -> float:
        terms = zip(head, relation, tail, strict=True)
        found = float(sum(a * b * d.conjugate() for a, b, d in terms).real)
        lengths = np.linalg.norm(head * relation) * np.linalg.norm(tail)
        return found / float(lengths) if unit else found

    ours = BilinearScore(ComplexProduct(), unit=unit)
    with_tails = [[score(h[a], r[a], c[b]) for b in range(6)] for a in range(4)]
    with_heads = [[score(c[b], r[a], t[a]) for b in range(6)] for a in range(4)]
    own = [score(h[a], r[a], t[a]) for a in range(4)]
    np.testing.assert_allclose(ours.tails(heads, relations, others), with_tails, atol=1e-5)
    np.testing.assert_allclose(ours.heads(relations, tails, others), with_heads, atol=1e-5)
    np.testing.assert_allclose(ours.own(heads, relations, tails), own, atol=1e-5)


def test_a_score_has_a_direction_unless_the_relation_is_real() -> None:
    score = BilinearScore(ComplexProduct(), unit=False)
    heads, relations, tails, _ = vectors_for(6)
    forth, back = score.own(heads, relations, tails), score.own(tails, relations, heads)
    assert (forth - back).abs().min() > 1e-3
    relations[:, 3:] = 0.0
    forth, back = score.own(heads, relations, tails), score.own(tails, relations, heads)
    torch.testing.assert_close(forth, back)


@pytest.fixture
def material() -> TrainingData:
    return material_of()


def test_an_odd_dimension_is_refused(material: TrainingData) -> None:
    with pytest.raises(UsageError, match="not 5"):
        ComplEx(material, ComplExConfig(dimension=5), np.random.default_rng(0))


def test_a_still_relation_leaves_vectors_as_they_are(material: TrainingData) -> None:
    product, vectors = ComplexProduct(), torch.randn(3, 8)
    still = torch.from_numpy(product.still((3, 8)))
    torch.testing.assert_close(product.turned(vectors, still), vectors)
    torch.testing.assert_close(product.returned(vectors, still), vectors)
    encoder = ComplEx(material, ComplExConfig(dimension=4), np.random.default_rng(0))
    first = encoder.state()["relations"].detach()
    torch.testing.assert_close(
        first, torch.tensor([[1.0, 1.0, 0.0, 0.0]]).expand(len(first), -1), atol=0.06, rtol=0
    )

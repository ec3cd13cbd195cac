"""The 1-N loss and N3 of Lacroix et al. (2018) by loops, for both models."""

from typing import Any

import numpy as np
import pytest
import torch

from engine.models.bilinear import BilinearScore
from engine.models.complex import ComplEx, ComplExConfig, ComplexProduct
from engine.models.distmult import CoordinateProduct, DistMult, DistMultConfig
from engine.models.relational import ScoredTriples, TripleBatch
from engine.training import losses

from .triples import BATCH, complex_of, material_of

MODELS = [(ComplEx, ComplExConfig), (DistMult, DistMultConfig)]
every_model = pytest.mark.parametrize(("model", "config"), MODELS)
both_ways = pytest.mark.parametrize("inverse", [True, False])
LABELS = [range(5), range(5, 9), range(9, 12)]


def build(model: type, config: type, **settings: Any) -> Any:
    chosen = config(dimension=4, start="normal", **settings)
    return model(material_of(), chosen, np.random.default_rng(0))


def label_of(node: int) -> int:
    return next(number for number, nodes in enumerate(LABELS) if node in nodes)


@both_ways
@every_model
@pytest.mark.parametrize("scoring", ["cosine", "dot"])
def test_each_triple_asks_for_its_tail_and_then_for_its_head(
    model: type, config: type, scoring: str, *, inverse: bool
) -> None:
    encoder = build(model, config, scoring=scoring, inverse=inverse, n3=0.0)
    found: list[ScoredTriples] = []

    def loss(scored: ScoredTriples) -> torch.Tensor:
        found.append(scored)
        return scored.own.sum()

    encoder.fit_step(BATCH, loss)
    tails = encoder.graph.score_tails(BATCH.heads.numpy(), BATCH.relations.numpy())
    heads = encoder.graph.score_heads(BATCH.relations.numpy(), BATCH.tails.numpy())
    true = [*BATCH.tails.tolist(), *BATCH.heads.tolist()]
    for row, (scores, node) in enumerate(zip([*tails, *heads], true, strict=True)):
        assert found[0].own[row].item() == pytest.approx(scores[node], abs=1e-5)
        some = BATCH.negatives[label_of(node)].tolist()
        expected = [-np.inf if other == node else scores[other] for other in some]
        expected += [-np.inf] * (3 - len(some))
        np.testing.assert_allclose(found[0].others[row].detach(), expected, atol=1e-5)


@both_ways
@every_model
def test_the_loss_is_two_full_softmaxes_and_the_cubes(
    model: type, config: type, *, inverse: bool
) -> None:
    encoder = build(model, config, scoring="dot", inverse=inverse, n3=0.3)
    users, items, entities = (torch.tensor(list(one)) for one in LABELS)
    batch = TripleBatch(BATCH.heads, BATCH.relations, BATCH.tails, (users, items, entities))
    state = {name: one.detach() for name, one in encoder.state().items()}
    nodes, relations = (
        complex_of(state[name]) if model is ComplEx else state[name].double().numpy()
        for name in ("nodes", "relations")
    )

    def score(head: int, relation: int, tail: int) -> float:
        return float((nodes[head] * relations[relation] * nodes[tail].conj()).sum().real)

    def cost(scores: dict[int, float], true: int) -> float:
        return float(np.log(sum(np.exp(one) for one in scores.values()))) - scores[true]

    total = 0.0
    for at in range(3):
        h, r, t = (int(one[at]) for one in (BATCH.heads, BATCH.relations, BATCH.tails))
        back = r + 3 if inverse else r
        total += cost({node: score(h, r, node) for node in LABELS[label_of(t)]}, t)
        if inverse:
            total += cost({node: score(t, back, node) for node in LABELS[label_of(h)]}, h)
        else:
            total += cost({node: score(node, r, t) for node in LABELS[label_of(h)]}, h)
        for relation in (r, back):
            cubes = (np.abs(part) ** 3 for part in (nodes[h], relations[relation], nodes[t]))
            total += 0.3 / 3 * float(sum(cube.sum() for cube in cubes))
    found = encoder.fit_step(batch, losses.softmax(1.0))
    assert found.item() == pytest.approx(total / 6, rel=1e-5)


@every_model
def test_a_weight_counts_for_both_questions(model: type, config: type) -> None:
    encoder = build(model, config, n3=0.0)
    weights = torch.tensor([2.0, 0.0, 1.0])
    found: list[ScoredTriples] = []

    def loss(scored: ScoredTriples) -> torch.Tensor:
        found.append(scored)
        return scored.own.sum()

    batch = TripleBatch(BATCH.heads, BATCH.relations, BATCH.tails, BATCH.negatives, weights)
    encoder.fit_step(batch, loss)
    assert found[0].weights is not None
    assert found[0].weights.tolist() == [2, 0, 1, 2, 0, 1]


@pytest.mark.parametrize("unit", [True, False])
@pytest.mark.parametrize("product", [ComplexProduct(), CoordinateProduct()])
def test_gradients(product: ComplexProduct | CoordinateProduct, *, unit: bool) -> None:
    score = BilinearScore(product, unit)
    tensors = [torch.randn(n, 4, dtype=torch.float64, requires_grad=True) for n in (3, 3, 3, 5)]

    def scores(*given: torch.Tensor) -> torch.Tensor:
        heads, relations, tails, others = given
        parts = score.tails(heads, relations, others), score.heads(relations, tails, others)
        return torch.cat((*parts, score.own(heads, relations, tails)[:, None]), dim=1)

    assert torch.autograd.gradcheck(scores, tensors)

"""DistMult against PyTorch Geometric's layer and a loop."""

import numpy as np
import pytest
import torch
from torch_geometric.nn import DistMult as Reference

from engine.models.bilinear import BilinearScore
from engine.models.distmult import CoordinateProduct, DistMult, DistMultConfig

from .triples import material_of, vectors_for


def test_scores_are_those_of_pytorch_geometric() -> None:
    torch.manual_seed(2)
    reference = Reference(num_nodes=5, num_relations=2, hidden_channels=6)
    heads, relations, tails = (torch.tensor(one) for one in ([0, 2, 4], [1, 0, 1], [3, 1, 0]))
    nodes, moves = reference.node_emb.weight, reference.rel_emb.weight
    score = BilinearScore(CoordinateProduct(), unit=False)
    torch.testing.assert_close(
        score.own(nodes[heads], moves[relations], nodes[tails]), reference(heads, relations, tails)
    )


@pytest.mark.parametrize("unit", [True, False])
def test_every_end_by_a_loop(*, unit: bool) -> None:
    heads, relations, tails, others = vectors_for(5)
    h, r, t, c = (one.double().numpy() for one in (heads, relations, tails, others))

    def score(head: np.ndarray, relation: np.ndarray, tail: np.ndarray) -> float:
        found = float(sum(a * b * d for a, b, d in zip(head, relation, tail, strict=True)))
        lengths = np.linalg.norm(head * relation) * np.linalg.norm(tail)
        return found / float(lengths) if unit else found

    ours = BilinearScore(CoordinateProduct(), unit=unit)
    with_tails = [[score(h[a], r[a], c[b]) for b in range(6)] for a in range(4)]
    with_heads = [[score(c[b], r[a], t[a]) for b in range(6)] for a in range(4)]
    own = [score(h[a], r[a], t[a]) for a in range(4)]
    np.testing.assert_allclose(ours.tails(heads, relations, others), with_tails, atol=1e-5)
    np.testing.assert_allclose(ours.heads(relations, tails, others), with_heads, atol=1e-5)
    np.testing.assert_allclose(ours.own(heads, relations, tails), own, atol=1e-5)


@pytest.mark.parametrize("inverse", [True, False])
def test_without_inverse_relations_a_score_has_no_direction(*, inverse: bool) -> None:
    config = DistMultConfig(dimension=4, scoring="dot", start="normal", inverse=inverse)
    graph = DistMult(material_of(), config, np.random.default_rng(0)).graph
    nodes, relations = np.arange(12), np.zeros(12, dtype=np.int64)
    same = np.allclose(graph.score_tails(nodes, relations), graph.score_heads(relations, nodes))
    assert same is not inverse
    assert graph.state()["relations"].shape == ((6, 4) if inverse else (3, 4))

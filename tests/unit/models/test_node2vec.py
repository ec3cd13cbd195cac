import numpy as np
import pytest
import torch
from torch.nn import functional as F

from engine.data.interactions import Interactions
from engine.data.knowledge import Knowledge
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.errors import DataError
from engine.models.encoder import Scored
from engine.models.node2vec import DeepWalkConfig, SkipGram, WalkedPairs

BATCH = WalkedPairs(
    torch.tensor([0, 9]), torch.tensor([9, 1]), torch.tensor([[10, 2, 2], [3, 3, 11]])
)


def skip_gram(batch: Scored) -> torch.Tensor:
    # The published loss, written down again.
    return -(F.logsigmoid(batch.own) + F.logsigmoid(-batch.others).sum(dim=1)).mean()


def test_the_loss_and_its_gradient_are_those_of_the_formula(small_graph: Interactions) -> None:
    config = DeepWalkConfig(dimension=4, scoring="dot", start="normal", l2=0.0)
    model = SkipGram(TrainingData(small_graph), config, np.random.default_rng(0))
    table = model.state()["vectors"]
    value = model.fit_step(BATCH, skip_gram)
    value.backward()  # type: ignore[no-untyped-call]
    z, gradient, expected = table.detach().double(), torch.zeros(16, 4).double(), 0.0
    for node, near, others in zip(
        BATCH.nodes.tolist(), BATCH.contexts.tolist(), BATCH.negatives.tolist(), strict=True
    ):
        for other, sign in [(near, 1.0), *((one, -1.0) for one in others)]:
            score = sign * (z[node] @ z[other])
            expected -= float(torch.log(torch.sigmoid(score))) / 2
            slope = -sign * torch.sigmoid(-score) / 2
            gradient[node] += slope * z[other]
            gradient[other] += slope * z[node]
    assert value.item() == pytest.approx(expected, rel=1e-5)
    torch.testing.assert_close(table.grad, gradient.float(), atol=1e-6, rtol=1e-4)


def test_entities_get_vectors_where_facts_are_walked(small_graph: Interactions) -> None:
    entities = Vocabulary(["Brand:1", "Brand:2", "Brand:none"])
    # The last item has no event; a fact makes it known all the same.
    facts = (np.array([9, 15, 15]), np.zeros(3, dtype=np.int64), np.array([16, 16, 17]))
    knowledge = Knowledge.of((9, 7), entities, ("MADE_BY",), facts)
    generator = np.random.default_rng(0)
    material = TrainingData(small_graph, knowledge)
    found = SkipGram(material, DeepWalkConfig(dimension=4, facts=True), generator).encode()
    assert found.entities is not None
    np.testing.assert_allclose(np.linalg.norm(found.entities[:2], axis=1), 1, atol=1e-6)
    assert not found.entities[2].any()
    assert found.items[6].any()
    plain = SkipGram(material, DeepWalkConfig(dimension=4), generator).encode()
    assert plain.entities is None
    assert not plain.items[6].any()
    with pytest.raises(DataError, match="facts"):
        SkipGram(TrainingData(small_graph), DeepWalkConfig(facts=True), generator)

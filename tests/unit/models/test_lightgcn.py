import warnings

import numpy as np
import pytest
import torch

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.models.encoder import Batch, PairComparison
from engine.models.lightgcn import LightGCN, LightGCNConfig


def graph(users: int = 12, items: int = 15, events: int = 80) -> Interactions:
    generator = np.random.default_rng(5)
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(users)]),
        Vocabulary([f"i{n}" for n in range(items)]),
        np.sort(generator.integers(0, users - 1, events)),
        generator.integers(0, items - 1, events),
    )


@pytest.mark.parametrize("layers", [0, 1, 3])
def test_forward_equals_torch_geometric(layers: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch_geometric.nn.models import LightGCN as Reference

    train = graph()
    config = LightGCNConfig(dimension=8, layers=layers, scoring="dot")
    ours = LightGCN(train, config, np.random.default_rng(0))
    reference = Reference(27, 8, layers)
    with torch.no_grad():
        reference.embedding.weight.copy_(ours.state()["vectors"])
        pairs = train.csr(binary=True).tocoo()
        user, item = torch.from_numpy(pairs.row).long(), torch.from_numpy(pairs.col).long() + 12
        edges = torch.stack((torch.cat((user, item)), torch.cat((item, user))))
        expected = reference.get_embedding(edges).numpy()
    found = ours.encode()
    np.testing.assert_allclose(found.users[:11], expected[:11], atol=1e-5)
    np.testing.assert_allclose(found.items[:14], expected[12:26], atol=1e-5)


@pytest.mark.parametrize("start", ["spectral", "normal"])
def test_cosine_vectors_have_unit_length_and_strangers_none(start: str) -> None:
    config = LightGCNConfig(dimension=40, start=start)
    found = LightGCN(graph(), config, np.random.default_rng(0)).encode()
    np.testing.assert_allclose(np.linalg.norm(found.users[:11], axis=1), 1, atol=1e-5)
    assert not found.users[11].any()
    assert not found.items[14].any()


@pytest.mark.parametrize("negatives", [torch.tensor([1, 2, 3]), torch.tensor([[1, 2], [3, 4]])])
def test_a_step_reaches_every_trained_tensor(negatives: torch.Tensor) -> None:
    model = LightGCN(graph(), LightGCNConfig(dimension=4), np.random.default_rng(0))

    def loss(batch: PairComparison) -> torch.Tensor:
        return batch.users.sum() + batch.positives.sum() + batch.negatives.sum()

    batch = Batch(torch.tensor([0, 1]), torch.tensor([1, 2]), negatives)
    model.fit_step(batch, loss).backward()
    gradient = model.state()["vectors"].grad
    assert gradient is not None
    assert gradient.abs().sum() > 0

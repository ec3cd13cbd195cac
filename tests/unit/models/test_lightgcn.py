import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.errors import UsageError
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


@pytest.mark.parametrize(
    ("layers", "alphas"), [(0, "uniform"), (1, "uniform"), (3, "uniform"), (2, "0.5,0.3,0.2")]
)
def test_forward_equals_torch_geometric(layers: int, alphas: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch_geometric.nn.models import LightGCN as Reference

    train = graph()
    config = LightGCNConfig(dimension=8, layers=layers, alphas=alphas, scoring="dot")
    ours = LightGCN(train, config, np.random.default_rng(0))
    given = None if alphas == "uniform" else torch.tensor([0.5, 0.3, 0.2])
    reference = Reference(27, 8, layers, alpha=given)
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


def test_learned_weights_begin_alike_and_are_the_softmax_of_what_is_learned() -> None:
    config = LightGCNConfig(dimension=4, layers=2, alphas="learned", scoring="dot")
    learned = LightGCN(graph(), config, np.random.default_rng(0))
    uniform = LightGCN(graph(), replace(config, alphas="uniform"), np.random.default_rng(0))
    np.testing.assert_allclose(learned.encode().items, uniform.encode().items, atol=1e-6)
    with torch.no_grad():
        learned.state()["alphas"].copy_(torch.log(torch.tensor([0.5, 0.3, 0.2])))
    given = LightGCN(graph(), replace(config, alphas="0.5,0.3,0.2"), np.random.default_rng(0))
    np.testing.assert_allclose(learned.encode().users, given.encode().users, atol=1e-6)

    def loss(batch: PairComparison) -> torch.Tensor:
        return (batch.own - batch.others.mean(dim=1)).square().sum()

    batch = Batch(torch.tensor([0, 1]), torch.tensor([1, 2]), torch.tensor([3, 4]))
    learned.fit_step(batch, loss).backward()
    gradient = learned.state()["alphas"].grad
    assert gradient is not None
    assert gradient.abs().min() > 0


@pytest.mark.parametrize("alphas", ["", "even", "1,2", "1,2,3,4", "1,-1,1", "0,0,0", "1,nan,1"])
def test_weights_that_are_no_such_numbers_are_refused(alphas: str) -> None:
    with pytest.raises(UsageError, match="3 numbers") as caught:
        LightGCN(graph(), LightGCNConfig(layers=2, alphas=alphas), np.random.default_rng(0))
    assert "alphas=0.333,0.333,0.333" in caught.value.hint

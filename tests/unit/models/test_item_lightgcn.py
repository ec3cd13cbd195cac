import numpy as np
import pytest
import torch

from engine.data.interactions import Interactions
from engine.errors import UsageError
from engine.models.encoder import Batch, PairComparison
from engine.models.item_lightgcn import ItemLightGCN, ItemLightGCNConfig


def model_of(train: Interactions, **settings: object) -> ItemLightGCN:
    config = ItemLightGCNConfig(dimension=4, **settings)  # type: ignore[arg-type]
    return ItemLightGCN(train, config, np.random.default_rng(0))


@pytest.mark.parametrize("r", [0.0, 0.3, 0.5, 1.0])
def test_vectors_equal_the_formula(small_graph: Interactions, r: float) -> None:
    model = model_of(small_graph, layers=2, r=r, scoring="dot")
    first = model.state()["vectors"].detach().double().numpy()
    seen = {(int(u), int(i)) for u, i in zip(small_graph.user, small_graph.item, strict=True)}
    had = {u: [i for v, i in sorted(seen) if v == u] for u in range(9)}
    by = {i: [u for u, j in sorted(seen) if j == i] for i in range(7)}
    layers = [first]
    for _ in range(2):
        after = np.zeros_like(first)
        for i in range(7):
            for u in by[i]:
                inner = sum(
                    layers[-1][j] / (len(had[u]) ** r * len(by[j]) ** (1 - r)) for j in had[u]
                )
                after[i] += inner / (len(by[i]) ** r * len(had[u]) ** (1 - r))
        layers.append(after)
    items = sum(layers) / 3
    found = model.encode()
    np.testing.assert_allclose(found.items[:6], items[:6], atol=1e-5)
    for u in range(8):
        expected = items[had[u]].sum(axis=0) / np.sqrt(len(had[u]))
        np.testing.assert_allclose(found.users[u], expected, atol=1e-5)


@pytest.mark.parametrize("scoring", ["cosine", "dot"])
def test_a_user_folded_in_is_the_user_trained_on(small_graph: Interactions, scoring: str) -> None:
    model = model_of(small_graph, scoring=scoring)
    own = [small_graph.item[small_graph.user == u].astype(np.int64) for u in range(9)]
    np.testing.assert_allclose(model.fold_in(own), model.encode().users, atol=1e-6)
    assert model.fold_in([]).shape == (0, 4)
    assert not model.fold_in([np.array([6])]).any()  # an item without events says nothing
    for wrong in (7, -1):
        with pytest.raises(UsageError):
            model.fold_in([np.array([wrong])])


def test_in_training_an_item_is_compared_with_the_others(small_graph: Interactions) -> None:
    batch = Batch(
        torch.tensor([2]),
        torch.tensor([int(small_graph.item[small_graph.user == 2][0])]),
        torch.tensor([1, 2]),
    )
    others = np.setdiff1d(small_graph.item[small_graph.user == 2], batch.positives.numpy())
    seen: list[PairComparison] = []

    def loss(compared: PairComparison) -> torch.Tensor:
        seen.append(compared)
        return compared.users.sum()

    for leave_out in (True, False):
        model_of(small_graph, leave_out=leave_out).fit_step(batch, loss)
    model = model_of(small_graph)
    np.testing.assert_allclose(
        seen[0].users.detach().numpy(), model.fold_in([others.astype(np.int64)]), atol=1e-6
    )
    np.testing.assert_allclose(seen[1].users.detach().numpy(), model.encode().users[[2]], atol=1e-6)

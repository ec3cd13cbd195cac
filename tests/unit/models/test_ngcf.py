from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.models.encoder import Batch, PairComparison
from engine.models.initialization import dropout_mask
from engine.models.ngcf import NGCF, SLOPE, NGCFConfig, combined, passed
from engine.models.propagation import Adjacency

Vectors = np.ndarray


def graph(users: int = 6, items: int = 5, events: int = 20) -> Interactions:
    generator = np.random.default_rng(5)
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(users)]),
        Vocabulary([f"i{n}" for n in range(items)]),
        np.sort(generator.integers(0, users, events)),
        generator.integers(0, items, events),
    )


def by_hand(model: NGCF, train: Interactions, layers: int) -> list[Vectors]:
    """Message by message, as the paper writes it."""
    state = {name: one.detach().double().numpy() for name, one in model.state().items()}
    n_users = train.n_users
    seen = {(int(u), n_users + int(i)) for u, i in zip(train.user, train.item, strict=True)}
    nodes = range(n_users + train.n_items)
    around = {v: [b if a == v else a for a, b in sorted(seen) if v in (a, b)] for v in nodes}
    found = [state["vectors"]]
    for layer in range(1, layers + 1):
        before, after = found[-1], np.zeros_like(found[-1])
        identity = np.eye(before.shape[1])
        w1, w2 = state.get(f"w1.{layer}", identity), state.get(f"w2.{layer}", identity)
        for v in nodes:
            message = w1 @ before[v]
            for other in around[v]:
                p = 1 / np.sqrt(len(around[v]) * len(around[other]))
                message = message + p * (w1 @ before[other] + w2 @ (before[other] * before[v]))
            if model.config.ablation in ("none", "f"):
                message = np.where(message > 0, message, SLOPE * message)
            after[v] = message
        found.append(after)
    return found


@pytest.mark.parametrize("ablation", ["none", "f", "n", "fn"])
@pytest.mark.parametrize("combine", ["concat", "sum"])
def test_vectors_equal_the_formula(ablation: str, combine: str) -> None:
    train = graph()
    config = NGCFConfig(
        dimension=4, layers=2, scoring="dot", ablation=ablation, combine=combine, node_dropout=0.5
    )
    model = NGCF(train, config, np.random.default_rng(1))
    layers = by_hand(model, train, 2)
    expected = np.hstack(layers) if combine == "concat" else sum(layers)
    found = model.encode()
    np.testing.assert_allclose(found.users, expected[:6], atol=1e-5)
    np.testing.assert_allclose(found.items, expected[6:], atol=1e-5)
    assert ("w1.1" in model.state()) is (ablation in ("none", "n"))


def test_unit_layers_stand_behind_the_first_one() -> None:
    layers = [torch.tensor([[2.0, 0.0]]), torch.tensor([[3.0, 4.0]])]
    config = NGCFConfig(unit_layers=True)
    torch.testing.assert_close(combined(layers, config), torch.tensor([[2, 0, 0.6, 0.8]]))


@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_gradients(dropout: float) -> None:
    config = NGCFConfig(layers=2, message_dropout=dropout, node_dropout=dropout)
    adjacency = Adjacency(graph(), torch.float64)
    tensors = [torch.randn(11, 3, dtype=torch.float64, requires_grad=True)]
    tensors += [torch.randn(3, 3, dtype=torch.float64, requires_grad=True) for _ in range(4)]

    def final(first: torch.Tensor, *w: torch.Tensor) -> torch.Tensor:
        draw = torch.Generator().manual_seed(3)
        weights = [(w[0], w[1]), (w[2], w[3])]
        return combined(passed(first, adjacency, weights, config, draw), config)

    assert torch.autograd.gradcheck(final, tensors)


def test_a_dropped_node_sends_nothing_and_keeps_itself() -> None:
    train = graph()
    config = NGCFConfig(layers=1, ablation="fn", node_dropout=0.5, message_dropout=0.0)
    adjacency, first = Adjacency(train), torch.randn(11, 3)
    sends = dropout_mask((11, 1), 0.5, torch.Generator().manual_seed(7), first)
    assert sends is not None
    around = adjacency.times(first * sends)
    found = passed(first, adjacency, [], config, torch.Generator().manual_seed(7))[1]
    torch.testing.assert_close(found, first + around + around * first)


def test_a_step_depends_on_its_draw_alone_and_reaches_every_weight() -> None:
    model = NGCF(graph(), NGCFConfig(dimension=4, node_dropout=0.3), np.random.default_rng(0))

    def loss(batch: PairComparison) -> torch.Tensor:
        return (batch.users @ batch.positives.T).sum() + batch.negatives.square().sum()

    batch = Batch(torch.tensor([0, 1]), torch.tensor([1, 2]), torch.tensor([3, 4]), draw=1)
    first = model.fit_step(batch, loss)
    assert first.item() == model.fit_step(batch, loss).item()
    assert first.item() != model.fit_step(replace(batch, draw=2), loss).item()
    first.backward()
    for name, one in model.state().items():
        assert one.grad is not None, name
        assert one.grad.abs().sum() > 0, name


def test_message_dropout_drops_cells_of_the_summed_messages() -> None:
    train = graph()
    config = NGCFConfig(layers=1, ablation="fn", node_dropout=0.0, message_dropout=0.5)
    adjacency, first = Adjacency(train), torch.randn(11, 3)
    cells = dropout_mask((11, 3), 0.5, torch.Generator().manual_seed(7), first)
    assert cells is not None
    assert 0 < int((cells == 0).sum()) < cells.numel()
    around = adjacency.times(first)
    found = passed(first, adjacency, [], config, torch.Generator().manual_seed(7))[1]
    torch.testing.assert_close(found, (first + around + around * first) * cells)
    whole = passed(first, adjacency, [], config, None)[1]
    torch.testing.assert_close(whole, first + around + around * first)


def test_weight_decay_is_half_of_l2_times_the_squares_of_every_weight() -> None:
    config = NGCFConfig(dimension=4, layers=2, l2=0.5)
    model = NGCF(graph(), config, np.random.default_rng(0))
    batch = Batch(torch.tensor([0, 1]), torch.tensor([1, 2]), torch.tensor([3, 4]), draw=1)
    model.fit_step(batch, lambda scored: 0.0 * scored.own.sum()).backward()
    weights = {name: one for name, one in model.state().items() if name != "vectors"}
    assert set(weights) == {"w1.1", "w2.1", "w1.2", "w2.2"}
    for one in weights.values():
        assert one.grad is not None
        torch.testing.assert_close(one.grad, config.l2 * one.detach())

import numpy as np
import torch

from engine.models.initialization import dropout_mask, xavier_uniform


def test_dropout_keeps_the_mean_and_drops_its_share() -> None:
    cells = dropout_mask((200, 500), 0.3, torch.Generator().manual_seed(1), torch.zeros(1))
    assert cells is not None
    assert cells.unique().tolist() == torch.tensor([0, 1 / 0.7]).tolist()
    assert abs((cells == 0).float().mean().item() - 0.3) < 0.01
    assert dropout_mask((2, 2), 0.3, None, torch.zeros(1)) is None


def test_xavier_fills_its_range() -> None:
    weight = xavier_uniform(100, 50, np.random.default_rng(0)).detach()
    assert weight.shape == (100, 50)
    assert 0.19 < weight.abs().max().item() <= 0.2
    assert abs(weight.mean().item()) < 0.01

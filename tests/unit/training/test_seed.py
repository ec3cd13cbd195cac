import torch

from engine.training import seed


def test_a_place_and_its_numbers_name_a_draw() -> None:
    draws = {seed.generator(*name).random() for name in [(0, "a"), (0, "b"), (1, "a"), (0, "a", 1)]}
    assert len(draws) == 4
    assert seed.generator(0, "a", 1).random() in draws


def test_deterministic_is_undone() -> None:
    with seed.deterministic():
        assert torch.are_deterministic_algorithms_enabled()
    assert not torch.are_deterministic_algorithms_enabled()

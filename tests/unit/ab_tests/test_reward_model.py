"""What an item is expected to convert is learned from other users."""

import numpy as np
import pytest

from engine.ab_tests.reward_model import PlacedItems, expected_rewards


def test_rates_of_items_and_positions_are_found_and_none_is_nothing() -> None:
    generator = np.random.default_rng(3)
    of_item, of_place = np.array([0.2, 0.4, 0.6]), np.array([1.0, 0.5])
    user = np.repeat(np.arange(6_000), 2)
    shown = PlacedItems(generator.integers(0, 3, len(user)), generator.integers(0, 2, len(user)))
    chance = of_item[shown.item] * of_place[shown.place]
    reward = (generator.random(len(user)) < chance).astype(float)
    wanted = PlacedItems(np.where(user % 3 == 0, -1, 2), np.zeros(len(user), dtype=np.int64))
    expected, others = expected_rewards(user, shown, reward, wanted)
    assert expected == pytest.approx(chance, abs=0.05)
    assert others[wanted.item == 2] == pytest.approx(0.6, abs=0.05)
    assert not others[wanted.item < 0].any()


def test_nobodys_reward_predicts_itself() -> None:
    user, shown = np.array([0, 1, 0, 1]), PlacedItems(np.zeros(4, dtype=np.int64), np.zeros(4, int))
    reward = np.array([1.0, 0.0, 1.0, 0.0])
    expected, _ = expected_rewards(user, shown, reward, shown)
    assert expected.tolist() == [0.0, 1.0, 0.0, 1.0], "each half is told what the other one did"

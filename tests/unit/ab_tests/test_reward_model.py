"""What an item is expected to convert is learned from other users."""

import numpy as np
import pytest

from engine.ab_tests.exploration import explore, thompson_orders
from engine.ab_tests.off_policy import OffPolicyEstimate, ShownItems, doubly_robust, ips, snips
from engine.ab_tests.reward_model import PlacedItems, expected_rewards

_LISTED, _POOL, _PLACES = 5, 12, np.arange(5)
_RUNS, _USERS = 200, 120
_ITEMS = [str(n) for n in range(_LISTED)]
_NEW = [str(n) for n in range(_LISTED, _LISTED + _POOL)]


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


def test_the_interval_of_a_list_that_was_explored_holds_what_it_converts_otherwise() -> None:
    generator = np.random.default_rng(21)
    of_item = generator.uniform(0.1, 0.5, _LISTED + _POOL)
    of_place = np.array([1.0, 0.8, 0.6, 0.5, 0.4])
    truth = float(np.mean(of_item[:_LISTED] * of_place))
    orders = thompson_orders(np.zeros(_POOL), np.zeros(_POOL), 50, generator, 0.2)
    everybody = np.ones(_POOL, dtype=bool)
    held = dict.fromkeys(("ips", "snips", "doubly robust"), 0)
    for _ in range(_RUNS):
        lists = [
            explore(_ITEMS, _NEW, everybody, orders, 0.3, generator, fixed={0})
            for _ in range(_USERS)
        ]
        item = np.array([[int(one.item) for one in each] for each in lists])
        propensity = np.array([[one.propensity for one in each] for each in lists])
        taste = generator.uniform(0.5, 1.5, (_USERS, 1))
        reward = (generator.random(item.shape) < of_item[item] * of_place * taste).astype(float)
        for name, found in _estimates(item, propensity, reward).items():
            held[name] += found.low <= truth <= found.high
    assert all(0.90 <= number / _RUNS <= 0.98 for number in held.values()), held


def _estimates(
    item: np.ndarray, propensity: np.ndarray, reward: np.ndarray
) -> dict[str, OffPolicyEstimate]:
    """Estimate what the list without exploration would have converted."""
    user = np.repeat(np.arange(_USERS), _LISTED)
    place = np.tile(_PLACES, _USERS)
    shown = ShownItems(user, reward.ravel(), propensity.ravel(), (item.ravel() == place) * 1.0)
    wanted = PlacedItems(place, place)
    expected = expected_rewards(user, PlacedItems(item.ravel(), place), reward.ravel(), wanted)
    return {
        "ips": ips(shown),
        "snips": snips(shown),
        "doubly robust": doubly_robust(shown, *expected),
    }

"""Off-policy estimates on a simulator in which the truth is known."""

from dataclasses import dataclass

import numpy as np
import pytest

from engine.ab_tests.off_policy import (
    OffPolicyEstimate,
    ShownItems,
    doubly_robust,
    effective_sample_size,
    ips,
    snips,
)
from engine.errors import TooLittleOverlap

_USERS, _LISTS, _POSITIONS, _POOL = 300, 2, 4, 6


@dataclass(frozen=True)
class _World:
    """Items convert by their own rate, the position and the taste of a user."""

    item_rate: np.ndarray
    position_rate: np.ndarray

    def reward(
        self, item: np.ndarray, place: np.ndarray, taste: np.ndarray, generator: np.random.Generator
    ) -> np.ndarray:
        chance = self.item_rate[item] * self.position_rate[place] * taste
        return (generator.random(item.shape) < chance).astype(float)

    def truth(self, target: np.ndarray) -> float:
        """Return the rate per shown item of a list of items; tastes have the mean 1."""
        return float(np.mean(self.item_rate[target] * self.position_rate))


def _logged(
    world: _World, target: np.ndarray, generator: np.random.Generator
) -> tuple[ShownItems, np.ndarray, np.ndarray]:
    """Show one of the pool at each position, the first more often; return item and place too."""
    shape = (_USERS, _LISTS, _POSITIONS)
    chance = np.array([0.4, 0.2, 0.1, 0.1, 0.1, 0.1])
    item = generator.choice(_POOL, shape, p=chance)
    place = np.broadcast_to(np.arange(_POSITIONS), shape)
    taste = generator.uniform(0.5, 1.5, (_USERS, 1, 1))
    reward = world.reward(item, place, taste, generator)
    user = np.broadcast_to(np.arange(_USERS)[:, None, None], shape)
    wanted = (item == target[place]).astype(float)
    shown = ShownItems(*(one.ravel() for one in (user, reward, chance[item], wanted)))
    return shown, item.ravel(), place.ravel()


@pytest.mark.parametrize("estimator", ["ips", "snips", "doubly robust", "doubly robust, bad model"])
def test_the_interval_holds_the_truth_in_90_to_98_of_100_runs(estimator: str) -> None:
    generator = np.random.default_rng(16)
    world = _World(np.linspace(0.1, 0.5, _POOL), np.array([1.0, 0.8, 0.6, 0.4]))
    target = np.array([5, 0, 3, 1])
    truth = world.truth(target)
    held, rates = 0, []
    for _ in range(400):
        shown, item, place = _logged(world, target, generator)
        found = _estimated(estimator, shown, world, (item, place, target))
        held += found.low <= truth <= found.high
        rates.append(found.rate)
    assert 0.90 <= held / 400 <= 0.98
    assert np.mean(rates) == pytest.approx(truth, abs=4 * np.std(rates) / 20)


def _estimated(
    estimator: str,
    shown: ShownItems,
    world: _World,
    logged: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> OffPolicyEstimate:
    if estimator in ("ips", "snips"):
        return {"ips": ips, "snips": snips}[estimator](shown)
    item, place, target = logged
    expected = world.item_rate[:, None] * world.position_rate
    if estimator.endswith("bad model"):
        expected = np.full_like(expected, 0.9)
    return doubly_robust(shown, expected[item, place], expected[target[place], place])


def test_a_good_model_makes_the_interval_shorter() -> None:
    generator = np.random.default_rng(17)
    world = _World(np.linspace(0.1, 0.5, _POOL), np.array([1.0, 0.8, 0.6, 0.4]))
    target = np.array([5, 0, 3, 1])
    shown, item, place = _logged(world, target, generator)
    plain = ips(shown)
    robust = _estimated("doubly robust", shown, world, (item, place, target))
    assert robust.high - robust.low < 0.9 * (plain.high - plain.low)
    assert robust.effective == plain.effective == effective_sample_size(shown.weight)


def test_equal_weights_lose_nothing_and_one_large_weight_nearly_all() -> None:
    assert effective_sample_size(np.full(80, 3.0)) == pytest.approx(80)
    assert effective_sample_size(np.array([1000.0] + [1.0] * 79)) == pytest.approx(1.16, abs=0.01)
    assert effective_sample_size(np.zeros(5)) == 0.0


@pytest.mark.parametrize(
    ("target", "users", "message"),
    [
        (0.01, 400, "the effective sample size is"),
        (0.60, 400, "had a chance to be shown"),
        (1.00, 40, "40 users were shown something"),
    ],
)
def test_too_little_overlap_is_refused(target: float, users: int, message: str) -> None:
    n = 4_000
    wanted = (np.arange(n) % 100 < 100 * target).astype(float)
    shown = ShownItems(np.arange(n) % users, np.ones(n), np.ones(n), wanted)
    for estimator in (ips, snips):
        with pytest.raises(TooLittleOverlap, match=message):
            estimator(shown)
    with pytest.raises(TooLittleOverlap, match=message):
        doubly_robust(shown, np.zeros(n), np.zeros(n))

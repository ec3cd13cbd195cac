"""What was shown and never taken: by how much the positions where it stood are looked at."""

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.item_impressions import LEAST_PROPENSITY, ItemImpressions, propensities
from engine.data.vocabulary import Vocabulary

DAY = 86_400_000
WANTED = 0.5
LIKELY = np.arange(1, 11) ** -0.8
"""The propensities of the simulation, from the first position to the tenth."""


def _events(rows: list[tuple[int, int, int]]) -> Interactions:
    user, item, at = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    ids = [f"n{number:04}" for number in range(2_000)]
    return Interactions.of(Vocabulary(ids), Vocabulary(ids), user, item, at=at)


def _shown(rows: list[tuple[int, int, int, int]]) -> ItemImpressions:
    user, item, position, at = np.array(rows, dtype=np.int64).T
    return ItemImpressions(
        user.astype(np.int32), item.astype(np.int32), position.astype(np.int32), at
    )


def test_propensities_are_those_by_which_users_looked() -> None:
    generator = np.random.default_rng(5)
    position = np.tile(np.arange(1, 11), 40_000).astype(np.int32)
    taken = generator.random(len(position)) < WANTED * LIKELY[position - 1]
    found = propensities(position, taken)
    # Five standard errors of a rate of 40,000 draws, over the rate of the first position.
    np.testing.assert_allclose(found[1:], LIKELY, atol=5 * 0.5 / 200 / WANTED)
    assert found[1] == 1.0


def test_noise_decides_nothing() -> None:
    position = np.repeat([1, 2, 3, 4], [400, 400, 400, 20]).astype(np.int32)
    taken = np.zeros(len(position), dtype=bool)
    assert propensities(position, taken).tolist() == [1.0] * 5  # nobody took the first
    taken[:100] = taken[400:600] = True
    taken[1_200:] = True
    # Above the first counts as the first, none as the least, few as the position before.
    found = propensities(position, taken)
    assert found[1:].tolist() == [1.0, 1.0, LEAST_PROPENSITY, LEAST_PROPENSITY]
    assert propensities(position[:50], taken[:50]).tolist() == [1.0, 1.0]


def test_taken_means_within_the_window_by_the_user_itself() -> None:
    shown = _shown([(0, 5, 1, DAY), (1, 5, 1, DAY), (0, 6, 2, DAY), (0, 5, 1, 20 * DAY)])
    events = _events(
        [(0, 5, 8 * DAY), (1, 5, 8 * DAY + 1_000), (0, 6, DAY - 1_000), (2, 6, DAY),
         (1, 6, -10 * DAY)]  # of another pair, from before 1970
    )  # fmt: skip
    assert shown.taken(events).tolist() == [True, False, False, False]
    assert len(shown.settled(26 * DAY)) == 3
    assert len(shown.settled(27 * DAY)) == 4


def test_what_stood_low_is_hardly_punished_and_what_somebody_has_is_not() -> None:
    generator = np.random.default_rng(6)
    rows, had = [], []
    for user in range(1_000):
        for place, item in enumerate(generator.permutation(500)[:10] + 100):
            rows.append((user, item, place + 1, DAY))
            if generator.random() < WANTED * LIKELY[place]:
                had.append((user, item, 2 * DAY))
    rows += [(1_500, 1, 1, DAY), (1_500, 2, 10, DAY), (1_500, 3, 10, DAY), (1_500, 4, 1, DAY)]
    rows += [(1_500, 3, 10, DAY + at) for at in range(1, 3)]
    rows += [(1_500, 5, 1, DAY), (1_500, 5, 1, DAY + 1)]
    events = _events([*had, (1_500, 4, 9), (0, 0, 30 * DAY)])
    found = _shown(rows).untaken(events)
    own = found.user == 1_500
    weights = dict(zip(found.item[own].tolist(), found.weight[own].tolist(), strict=True))
    assert weights == {
        1: 1.0,
        2: pytest.approx(LIKELY[9], abs=0.06),
        3: pytest.approx(3 * weights[2], rel=1e-5),
        5: 1.0,
    }
    pairs = {(user, item) for user, item, _ in had}
    assert pairs.isdisjoint(zip(found.user.tolist(), found.item.tolist(), strict=True))
    assert len(_shown(rows).untaken(events.select(events.at < 3 * DAY))) == 0  # too early to tell
    assert _shown(rows).digest() == _shown(rows[::-1]).digest() != _shown(rows[1:]).digest()

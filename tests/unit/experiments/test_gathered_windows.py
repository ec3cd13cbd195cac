"""What says whether a ranker serves: windows that it has not learned from, and users and weeks."""

from dataclasses import replace

import numpy as np
import pytest

from engine.data.arrays import Float64Array
from engine.data.interactions import Interactions
from engine.data.splits import Split
from engine.data.vocabulary import Vocabulary
from engine.evaluation.hold_out_window import HoldOutWindow
from engine.experiments.gathered_windows import GatheredWindows, ValidationWindow
from engine.experiments.ranker_windows import PastCandidates
from engine.ranking.candidate_features import FEATURES
from engine.ranking.ranker import LabelledCandidates, RankerSettings

USERS, ITEMS = 60, 40
SETTINGS = RankerSettings(trees=9, leaves=4, rows_per_leaf=5, columns=1.0)
TOLD_BY = FEATURES.index("cosine")


def events(user: np.ndarray, item: np.ndarray) -> Interactions:
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(USERS)]),
        Vocabulary([f"i{n}" for n in range(ITEMS)]),
        user,
        item,
        at=np.arange(1, len(user) + 1),
    )


def gathered(windows: int, judge: int) -> GatheredWindows:
    """Return windows where one feature tells what a user takes; the blend knows nothing."""
    generator = np.random.default_rng(5)
    user, item = np.divmod(np.arange(USERS * ITEMS), ITEMS)
    labelled, validation = [], []
    for place in range(windows):
        features = generator.random((len(user), len(FEATURES)), dtype=np.float32)
        right = features[:, TOLD_BY] > 0.95
        labelled.append(LabelledCandidates(user, features, right))
        if place >= windows - judge:
            before = events(np.arange(USERS), np.arange(USERS) % ITEMS)
            parts = Split(before, events(user[right], item[right]))
            validation.append(
                ValidationWindow(
                    PastCandidates(user, item, features),
                    HoldOutWindow(parts),
                    lambda rows: np.zeros((len(rows), ITEMS), dtype=np.float32),
                )
            )
    return GatheredWindows(labelled, validation, (), 0)


def mirrored(one: LabelledCandidates) -> LabelledCandidates:
    """Return candidates of a time when the opposite was taken."""
    return replace(one, right=one.features[:, TOLD_BY] < 0.05)


@pytest.mark.parametrize("judge", [1, 2])
def test_a_ranker_is_judged_on_windows_that_it_has_not_learned_from(judge: int) -> None:
    windows = gathered(4, judge)
    _, values = windows.validated(SETTINGS)
    assert windows.difference(values, windows.by_blend()).better
    old, new = windows.labelled[:-judge], windows.labelled[-judge:]
    _, told = replace(windows, labelled=[*old, *map(mirrored, new)]).validated(SETTINGS)
    assert np.array_equal(values, told)
    _, misled = replace(windows, labelled=[*map(mirrored, old), *new]).validated(SETTINGS)
    assert not windows.difference(misled, windows.by_blend()).better


def test_the_ranker_that_serves_has_learned_from_all_windows() -> None:
    windows = gathered(4, 2)
    found = windows.ranker(SETTINGS).digest
    for place in range(4):
        other = list(windows.labelled)
        other[place] = mirrored(other[place])
        assert replace(windows, labelled=other).ranker(SETTINGS).digest != found


def by_week(windows: GatheredWindows, weeks: list[float]) -> Float64Array:
    """Return a value for each user of each window, the same for all users of a window."""
    users = [len(one.window.users) for one in windows.validation]
    return np.repeat(weeks, users)


def test_one_good_week_is_no_proof() -> None:
    windows = gathered(6, 3)
    nothing = by_week(windows, [0.0, 0.0, 0.0])
    once = windows.difference(by_week(windows, [0.3, -0.1, -0.1]), nothing)
    assert once.mean > 0.02
    assert not once.better
    always = windows.difference(by_week(windows, [0.3, 0.1, 0.1]), nothing)
    assert always.better
    assert always.users == USERS

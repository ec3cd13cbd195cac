import numpy as np
import pytest

from engine.data import signals
from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary

DAY = 86_400_000


def known(at: list[int]) -> Interactions:
    return Interactions(
        users=Vocabulary(["a", "b"]),
        items=Vocabulary(["x", "y", "z"]),
        user=np.array([0, 0, 1], dtype=np.int32),
        item=np.array([0, 0, 1], dtype=np.int32),
        weight=np.ones(3, dtype=np.float32),
        at=np.array(at, dtype=np.int64),
        event=np.zeros(3, dtype=np.int16),
        events=("bought",),
    )


def test_popularity_by_hand() -> None:
    expected = [1.0, np.log(2) / np.log(3), 0.0]
    assert signals.popularity(known([0, 0, 0])) == pytest.approx(expected)


def test_repeats_by_hand() -> None:
    # User a: ages 10 and 20 days at a half-life of 10: c = 1/2 + 1/4; user b: age 0, c = 1.
    matrix = signals.repeats(known([10 * DAY, 20 * DAY, 30 * DAY]), 10.0).toarray()
    assert matrix[0, 0] == pytest.approx(0.75 / 1.75)
    assert matrix[1, 1] == pytest.approx(0.5)
    assert matrix.sum() == pytest.approx(0.75 / 1.75 + 0.5)


def test_events_without_a_time_count_one() -> None:
    assert signals.repeats(known([0, 0, 0]), 10.0).toarray()[0, 0] == pytest.approx(2 / 3)


def test_recent_popularity_forgets() -> None:
    recent = signals.recent_popularity(known([10 * DAY, 20 * DAY, 30 * DAY]), 10.0)
    assert recent == pytest.approx([np.log1p(0.75) / np.log1p(1.0), 1.0, 0.0])

from dataclasses import replace

import numpy as np
import pytest

from engine.data import signals
from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.errors import UsageError

DAY = 86_400_000


def known(at: list[int]) -> Interactions:
    return Interactions.of(
        Vocabulary(["a", "b"]), Vocabulary(["x", "y", "z"]), [0, 0, 1], [0, 0, 1], at=np.array(at)
    )


def test_popularity_by_hand() -> None:
    expected = [1.0, 0.5 ** (1 / 3), 0.0]
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
    assert recent == pytest.approx([0.75 ** (1 / 3), 1.0, 0.0])


def test_event_weights_by_hand() -> None:
    # Ages 20, 10 and 0 days at a half-life of 10: 1/4, 1/2 and 1, three times that by its kind.
    rule = signals.EventWeights({"interaction": 3.0}, 10.0)
    assert rule.of(known([10 * DAY, 20 * DAY, 30 * DAY])) == pytest.approx([0.75, 1.5, 3.0])
    assert signals.EventWeights().of(known([1, 2, 3])).tolist() == [1.0, 1.0, 1.0]
    weighed = replace(known([1, 2, 3]), weight=np.array([13_883.0, 0.0, -1.0], dtype=np.float32))
    assert signals.EventWeights().of(weighed).tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("kinds", "half_life", "said"),
    [
        ({"sold": 1.0}, None, "sold"),
        ({"interaction": -1.0}, None, "interaction"),
        ({"interaction": float("nan")}, None, "interaction"),
        ({}, 0.0, "half-life"),
    ],
)
def test_weights_without_a_meaning_are_refused(
    kinds: dict[str, float], half_life: float | None, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        signals.EventWeights(kinds, half_life).of(known([1, 2, 3]))

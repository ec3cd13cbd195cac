"""The score as it is served: what was done since the training counts, and popularity stands in."""

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.evaluation.blend import Blend
from engine.evaluation.served_score import served_score

DAY = 86_400_000
USERS = np.array([[1, 0], [0, 0], [0, 0]], dtype=np.float32)
ITEMS = np.array([[1, 0], [0, 1]], dtype=np.float32)


def _known() -> Interactions:
    """User 0 takes i before the training and j after it; user 1 takes j; user 2 nothing."""
    return Interactions.of(
        Vocabulary(["a", "b", "c"]),
        Vocabulary(["i", "j"]),
        np.array([0, 0, 1]),
        np.array([0, 1, 1]),
        at=np.array([1, 3, 3]) * DAY,
        events=("buy",),
    )


def test_what_was_done_since_counts_with_its_weight() -> None:
    rows = np.array([0])
    for weight in (0.0, 0.5):
        found = served_score(
            (USERS, ITEMS), _known(), Blend(drift_weight=weight), 2 * DAY, cosine=True
        )(rows)[0]
        assert found == pytest.approx(np.array([1, weight]) / np.hypot(1, weight))
    later = served_score((USERS, ITEMS), _known(), Blend(), 3 * DAY, cosine=True)(rows)[0]
    assert later == pytest.approx([1, 0])


def test_who_is_new_is_placed_and_who_did_nothing_gets_what_is_popular() -> None:
    found = served_score((USERS, ITEMS), _known(), Blend(), 2 * DAY, cosine=True)
    scores = found(np.array([1, 2]))
    assert scores[0] == pytest.approx([0, 1 / 6])
    assert scores[1] == pytest.approx([(1 / 2) ** (1 / 3), 1])

import numpy as np

from engine.data import signals
from engine.models.personal_frequency import PersonalFrequency

from ..three_users import ALL, DATA

COUNTS = np.array([[2, 1, 0], [1, 0, 1], [0, 0, 0]], dtype=np.float32)


def test_own_items_by_count_and_nothing_else() -> None:
    scores = PersonalFrequency(DATA, popular=False).score(ALL)
    np.testing.assert_array_equal(scores, np.where(COUNTS > 0, COUNTS, -np.inf))


def test_popular_items_follow_the_own_ones() -> None:
    scores = PersonalFrequency(DATA, popular=True).score(ALL)
    np.testing.assert_allclose(scores, COUNTS + signals.popularity(DATA), rtol=1e-6)
    assert np.argsort(-scores[1]).tolist() == [0, 2, 1]  # of equal counts the more popular

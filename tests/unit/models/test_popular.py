import numpy as np

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.models.popular import Popular, RecentPopular

DAY = 86_400_000
# a: x x y; b: x z; c: nothing.
DATA = Interactions.of(
    Vocabulary(["a", "b", "c"]),
    Vocabulary(["x", "y", "z"]),
    [0, 0, 0, 1, 1],
    [0, 0, 1, 0, 2],
    at=np.array([1, 2, 400, 1, 400]) * DAY,
)
ALL = np.arange(3)


def test_popular_is_the_same_list_for_everyone() -> None:
    scores = Popular(DATA).score(ALL)
    assert scores.shape == (3, 3)
    assert (scores == scores[0]).all()
    assert scores[0].argmax() == 0


def test_recent_popular_forgets_old_events() -> None:
    assert RecentPopular(DATA, 30.0).score(ALL)[0].argmin() == 0

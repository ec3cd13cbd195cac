import numpy as np

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.models.buy_again import BuyAgain

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


def test_own_items_come_before_popular_ones() -> None:
    scores = BuyAgain(DATA).score(ALL)
    assert scores[1, 0] > scores[1, 2] > scores[1, 1]  # x and z were bought once, x is popular


def test_a_stranger_gets_the_popular_list() -> None:
    assert BuyAgain(DATA).score(ALL)[2].argmax() == 0


def test_recent_events_count_more() -> None:
    scores = BuyAgain(DATA, half_life_days=30.0).score(ALL)
    assert scores[0, 1] > scores[0, 0]

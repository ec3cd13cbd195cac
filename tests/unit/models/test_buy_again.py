from engine.models.buy_again import BuyAgain

from ..three_users import ALL, DATA


def test_own_items_come_before_popular_ones() -> None:
    scores = BuyAgain(DATA).score(ALL)
    assert scores[1, 0] > scores[1, 2] > scores[1, 1]  # x and z were bought once, x is popular


def test_a_stranger_gets_the_popular_list() -> None:
    assert BuyAgain(DATA).score(ALL)[2].argmax() == 0


def test_recent_events_count_more() -> None:
    scores = BuyAgain(DATA, half_life_days=30.0).score(ALL)
    assert scores[0, 1] > scores[0, 0]

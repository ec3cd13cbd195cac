from engine.models.popular import Popular, RecentPopular

from ..three_users import ALL, DATA


def test_popular_is_the_same_list_for_everyone() -> None:
    scores = Popular(DATA).score(ALL)
    assert scores.shape == (3, 3)
    assert (scores == scores[0]).all()
    assert scores[0].argmax() == 0


def test_recent_popular_forgets_old_events() -> None:
    assert RecentPopular(DATA, 30.0).score(ALL)[0].argmin() == 0

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.errors import UnknownModel
from engine.evaluation.plain_settings import settings_of
from engine.models.user_knn import UserKnnConfig

DAY = 86_400_000
USERS, STEPS = 100, 40


def _habits(*, timed: bool = True) -> Interactions:
    """Users who buy their own item ever again."""
    user = np.repeat(np.arange(USERS), STEPS)
    at = (np.tile(np.arange(STEPS), USERS) * 10 + 1) * DAY * timed
    return Interactions.of(*_names(USERS), user, user, at=at)


def _fashion() -> Interactions:
    """Old items that some users had often; lately all turn to the last item."""
    old = [(60 + n % 40, n % 30, n // 30) for n in range(1_300)]
    others = [(user, 31 + user % 5, 60 + user % 9) for user in range(USERS)]
    new = [(user, 30, 70 if user >= 60 else 80) for user in range(USERS)]
    again = [(user, 36, 90) for user in range(USERS)] * 3
    user, item, day = np.array(old + others + new + again).T
    return Interactions.of(*_names(40), user, item, at=(day * 5 + 1) * DAY)


def _names(items: int) -> tuple[Vocabulary, Vocabulary]:
    return (
        Vocabulary([f"u{n:03}" for n in range(USERS)]),
        Vocabulary([f"i{n:03}" for n in range(items)]),
    )


def test_what_is_given_stays_and_what_needs_no_choice_has_its_defaults() -> None:
    given = {"half_life_days": "33", "own_share": "0.25", "neighbours": "5"}
    assert settings_of("user-knn", _habits(), given) == UserKnnConfig(33.0, 5, 0.25)
    assert settings_of("recent-popular", _habits(), {"half_life_days": "9"}).half_life_days == 9


def test_settings_are_those_that_predict_the_newest_fifth_best() -> None:
    assert settings_of("recent-popular", _fashion(), {}).half_life_days < np.inf
    assert settings_of("recent-popular", _habits(), {}).half_life_days == np.inf
    chosen = settings_of("user-knn", _habits(), {"neighbours": "3"})
    assert (chosen.half_life_days, chosen.neighbours) == (0.0, 3)  # nothing to choose: the first


def test_without_times_or_with_few_users_the_defaults_stand() -> None:
    assert settings_of("user-knn", _habits(timed=False), {}) == UserKnnConfig()
    few = _habits()
    assert settings_of("user-knn", few.select(few.user < 20), {}) == UserKnnConfig()


def test_a_name_that_is_no_plain_method_is_refused() -> None:
    with pytest.raises(UnknownModel):
        settings_of("word2vec", _habits(), {})

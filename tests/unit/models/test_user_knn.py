import numpy as np
import pytest

from engine.data.arrays import Float64Array
from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.models.user_knn import NearestUsers, UserKnn, UserKnnConfig

DAY = 86_400_000
N_USERS, N_ITEMS = 12, 9


def _events() -> Interactions:
    draw = np.random.default_rng(3)
    users = draw.integers(0, N_USERS - 1, 90)  # the last user has nothing
    items = draw.integers(0, N_ITEMS, 90)
    names = (
        Vocabulary([f"u{n}" for n in range(N_USERS)]),
        Vocabulary([f"i{n}" for n in range(N_ITEMS)]),
    )
    at = draw.integers(1, 400, 90) * DAY
    return Interactions.of(*names, users, items, at=at)


def _dense(events: Interactions, config: UserKnnConfig) -> Float64Array:
    """The formula, user by user and item by item."""
    newest = events.at.max()
    counts = np.zeros((N_USERS, N_ITEMS))
    for user, item, at in zip(events.user, events.item, events.at, strict=True):
        age = (newest - at) / DAY
        days = config.half_life_days
        counts[user, item] += 0.5 ** (age / days) if days else 1.0
    number = np.bincount(events.item, minlength=N_ITEMS)
    scores = np.zeros((N_USERS, N_ITEMS))
    for user in range(N_USERS):
        alike = []
        for other in range(N_USERS):
            length = np.sqrt(counts[user].sum() * counts[other].sum())
            if other != user and length > 0:
                cosine = np.sqrt(counts[user] * counts[other]).sum() / length
                alike.append((-round(cosine, 6), other))
        near = [one for one in sorted(alike)[: config.neighbours] if one[0] < 0]
        total = sum(-value for value, _ in near)
        theirs = sum((-value / total * counts[other] for value, other in near), np.zeros(N_ITEMS))
        scores[user] = config.own_share * counts[user] + (1 - config.own_share) * theirs
    scores += 0.001 * np.cbrt(number / number.max())
    return scores


@pytest.mark.parametrize(
    "config",
    [UserKnnConfig(0.0, 3, 0.6), UserKnnConfig(60.0, 4, 0.0), UserKnnConfig(30.0, 300, 0.9)],
    ids=["counts", "others alone", "everybody"],
)
def test_scores_equal_the_formula(config: UserKnnConfig) -> None:
    events = _events()
    found = UserKnn(events, config).score(np.arange(N_USERS))
    np.testing.assert_allclose(found, _dense(events, config), rtol=1e-5)


def test_the_rows_asked_for_have_the_scores_they_have_among_all() -> None:
    method = UserKnn(_events(), UserKnnConfig(60.0, 4, 0.5))
    everyone = method.score(np.arange(N_USERS))
    np.testing.assert_array_equal(method.score(np.array([7, 2])), everyone[[7, 2]])


def test_of_equally_near_users_the_first_ids_stay_and_nobody_is_near_to_a_stranger() -> None:
    one = Interactions.of(Vocabulary(["a", "b", "c", "d"]), Vocabulary(["x"]), [0, 1, 2], [0, 0, 0])
    near = NearestUsers(UserKnn(one, UserKnnConfig()).frequencies, 1).of(np.arange(4)).toarray()
    assert near.tolist() == [[0, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]

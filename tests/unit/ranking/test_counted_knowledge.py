"""What a ranker knows at a moment, counted by hand; nothing after the moment is known."""

from collections import Counter, defaultdict
from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.models.user_knn import UserKnn, UserKnnConfig
from engine.ranking.candidates import GROUPS
from engine.ranking.counted_knowledge import knowledge
from engine.ranking.item_numbers import packed
from engine.ranking.item_statistics import STATISTICS, item_statistics
from engine.ranking.ranking_knowledge import RankingKnowledge

DAY = 86_400_000
BEGINS, USERS, ITEMS = 17_000 * DAY, 9, 12
AS_OF = BEGINS + 40 * DAY
GROUPED = np.arange(ITEMS * GROUPS, dtype=np.int32).reshape(ITEMS, GROUPS)


@pytest.fixture(scope="module")
def told() -> tuple[Interactions, np.ndarray]:
    """Events of 60 days and the number of the basket of each: one of each user and day."""
    rng = np.random.default_rng(2)
    user, day = rng.integers(0, USERS, 300), rng.integers(0, 60, 300)
    events = Interactions.of(
        Vocabulary([f"u{n}" for n in range(USERS)]),
        Vocabulary([f"i{n:02}" for n in range(ITEMS)]),
        user,
        rng.integers(0, ITEMS, 300),
        at=BEGINS + day * DAY,
    )
    return events, events.user * 100 + (events.at - BEGINS) // DAY


@pytest.fixture(scope="module")
def known(told: tuple[Interactions, np.ndarray]) -> RankingKnowledge:
    return knowledge(*told, GROUPED, AS_OF)


@pytest.fixture(scope="module")
def past(told: tuple[Interactions, np.ndarray]) -> Interactions:
    return told[0].select(told[0].at <= AS_OF)


def _baskets(events: Interactions) -> dict[int, dict[int, set[int]]]:
    """Return user -> time -> items."""
    found: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for user, at, item in zip(events.user, events.at, events.item, strict=True):
        found[int(user)][int(at)].add(int(item))
    return found


def test_what_came_later_changes_nothing(
    told: tuple[Interactions, np.ndarray], known: RankingKnowledge
) -> None:
    early = told[0].at <= AS_OF
    assert not early.all()
    then = knowledge(told[0].select(early), told[1][early], GROUPED, AS_OF)
    for field in fields(RankingKnowledge):
        assert getattr(then, field.name) == getattr(known, field.name)
    assert knowledge(*told, GROUPED, AS_OF + 20 * DAY).numbers != known.numbers


def test_together_is_what_shares_two_baskets_or_more(
    past: Interactions, known: RankingKnowledge
) -> None:
    shared: Counter[tuple[int, int]] = Counter()
    for baskets in _baskets(past).values():
        for held in baskets.values():
            shared.update((one, other) for one in held for other in held if one != other)
    for item, others in enumerate(known.together):
        assert len(others) == len(set(others))
        assert set(others) == {b for (a, b), n in shared.items() if a == item and n >= 2}


def test_following_is_what_the_next_basket_holds_most_often_first(
    past: Interactions, known: RankingKnowledge
) -> None:
    after: Counter[tuple[int, int]] = Counter()
    for baskets in _baskets(past).values():
        times = sorted(baskets)
        for first, second in pairwise(times):
            pairs = ((a, b) for a in baskets[first] for b in baskets[second] if a != b)
            after.update(pairs)
    for item, others in enumerate(known.following):
        counts = [after[item, other] for other in others]
        assert set(others) == {b for a, b in after if a == item}
        assert counts == sorted(counts, reverse=True)


def test_people_have_what_the_user_has_not_first_and_own_items_behind(
    past: Interactions, known: RankingKnowledge
) -> None:
    mean = UserKnn(past, UserKnnConfig()).of_others(np.arange(USERS)).toarray()
    for user, (items, counts) in enumerate(zip(known.people, known.people_counts, strict=True)):
        own = set(past.item[past.user == user].tolist())
        assert set(items) == set(np.flatnonzero(mean[user]).tolist())
        assert counts == pytest.approx(mean[user][items])
        new = [count for item, count in zip(items, counts, strict=True) if item not in own]
        assert new == sorted(new, reverse=True)
        assert not own & set(items[: len(new)])


def test_of_users_who_are_not_asked_for_nothing_is_counted(
    told: tuple[Interactions, np.ndarray], known: RankingKnowledge
) -> None:
    some = np.array([5, 2], dtype=np.int64)
    found = knowledge(*told, GROUPED, AS_OF, some)
    assert found.users == [5, 2]
    assert found.people == [known.people[5], known.people[2]]
    assert found.people_counts == [known.people_counts[5], known.people_counts[2]]
    assert found.together == known.together
    assert known.users == list(range(USERS))


def test_numbers_and_popular_items_are_those_of_the_statistics(
    past: Interactions, known: RankingKnowledge
) -> None:
    statistics = item_statistics(past, AS_OF)
    assert known.numbers == packed(statistics, GROUPED)
    recent = statistics[known.popular, STATISTICS.index("events_28_days")]
    assert sorted(known.popular) == list(range(ITEMS))
    assert (np.diff(recent) <= 0).all()

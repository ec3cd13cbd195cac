import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.evaluation import cold_start, ranking

FEW = cold_start.FEW_EVENTS


def events(pairs: list[tuple[int, int]]) -> Interactions:
    user, item = (np.array(column, dtype=np.int32) for column in zip(*pairs, strict=True))
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(12)]),
        Vocabulary([f"i{n}" for n in range(12)]),
        user,
        item,
    )


# u0 has FEW events, u1 one more; i9 has FEW events, i8 one more, i10 one.
TRAIN = events(
    [(0, item) for item in range(FEW)]
    + [(1, item) for item in range(FEW + 1)]
    + [(2 + n, 9) for n in range(FEW)]
    + [(2 + n, 8) for n in range(FEW + 1)]
    + [(11, 10)]
)
TEST = events([(0, 8), (0, 9), (1, 8), (1, 10), (2, 1)])


def test_a_user_with_few_events_is_cold() -> None:
    question = ranking.task(TRAIN, TEST, include_seen=False)
    assert question.users.tolist() == [0, 1, 2]
    assert cold_start.cold_users(question, TRAIN).users.tolist() == [0, 2]


def test_only_items_with_few_events_are_relevant_and_only_who_has_one_is_asked() -> None:
    question = ranking.task(TRAIN, TEST, include_seen=False)
    some = cold_start.cold_items(question, TRAIN)
    found = {(int(u), int(i)) for u, i in zip(*some.relevant.nonzero(), strict=True)}
    # i1 has two events, so it is cold as well.
    assert found == {(0, 9), (1, 10), (2, 1)}
    assert some.users.tolist() == [0, 1, 2]


def test_the_same_lists_are_judged_by_what_is_cold_in_them() -> None:
    question = ranking.task(TRAIN, TEST, include_seen=False)
    lists = np.array([[8, 9], [8, 7], [1, 0]])
    users = cold_start.cold_users(question, TRAIN)
    own = cold_start.lists_of(question, lists, users)
    assert own.tolist() == [[8, 9], [1, 0]]
    assert ranking.measure(users, own, (2,)).means["recall@2"] == pytest.approx(1.0)
    items = cold_start.cold_items(question, TRAIN)
    own = cold_start.lists_of(question, lists, items)
    quality = ranking.measure(items, own, (2,))
    assert quality.per_user["recall@2"].tolist() == [1.0, 0.0, 1.0]
    # u0 finds its one cold item at rank 2.
    assert quality.per_user["ndcg@2"].tolist() == pytest.approx([1 / np.log2(3), 0.0, 1.0])

"""Why few users can be asked, in words that say what to do."""

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.splits import Split
from engine.data.vocabulary import Vocabulary
from engine.evaluation import sample_size


def split(user: list[int], item: list[int], at: list[int], later: list[bool]) -> Split:
    users, items = (Vocabulary([f"{kind}{n:02}" for n in range(30)]) for kind in "ui")
    events = Interactions.of(users, items, user, item, at=at)
    order = np.lexsort((at, user))
    mask = np.array(later)[order]
    return Split(events.select(~mask), events.select(mask))


def test_one_timestamp_is_named() -> None:
    said = sample_size.cause(split([0, 0, 1], [0, 1, 2], [7, 7, 7], [False, True, False]))
    assert said.startswith("All 3 events have one timestamp")
    assert "--split random" in said


def test_events_without_times_are_not_of_one_timestamp() -> None:
    said = sample_size.cause(split([0, 0, 1], [0, 1, 2], [0, 0, 0], [False, True, False]))
    assert "timestamp" not in said


def test_one_event_each_is_named() -> None:
    said = sample_size.cause(split([0, 1, 2], [0, 1, 2], [1, 2, 3], [False, False, True]))
    assert said.startswith("Each of the 3 users has one event")
    assert "user_id" in said


def test_people_who_come_later_are_counted() -> None:
    parts = split([0, 0, 1, 1], [0, 1, 2, 3], [1, 2, 3, 4], [False, False, True, True])
    assert sample_size.cause(parts).startswith("1 of the 1 users of the test part have no event")


def test_otherwise_there_is_too_little() -> None:
    parts = split([0, 0, 1, 1], [0, 1, 2, 3], [1, 2, 3, 4], [False, True, False, True])
    said = sample_size.cause(parts)
    assert said.startswith("The data has 2 users with events, 2 of them in the test part, and 2")
    assert said.endswith("load more events.")


@pytest.mark.parametrize(("users", "who"), [(0, "no user "), (1, "1 user "), (2, "2 users ")])
def test_how_many_there_are_is_said(users: int, who: str) -> None:
    said = sample_size.too_few(users, "So it is.")
    assert who in said
    assert "needs 50. So it is." in said


def test_two_events_at_one_time_are_of_one_timestamp_and_a_single_event_is_not() -> None:
    two = split([0, 1], [0, 1], [1, 1], [False, True])
    assert sample_size.cause(two).startswith("All 2 events have one timestamp")
    one = split([0], [0], [1], [False])
    assert "timestamp" not in sample_size.cause(one)


@pytest.mark.parametrize(("known", "named"), [(1, True), (2, False)])
def test_half_of_the_users_without_an_event_before_are_the_cause(known: int, named: bool) -> None:
    """Two users are asked who come later, or one of three."""
    user = [0, 0, 1, 1, 2, 2]
    later = [False, True] * known + [True, True] * (3 - known)
    said = sample_size.cause(split(user, [0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6], later))
    assert ("have no event before it" in said and said.startswith("2 of the 3 users")) is named


def test_users_who_come_later_are_the_cause_from_one_half_on() -> None:
    user, later = [0, 0, 1, 1], [False, True, True, True]
    said = sample_size.cause(split(user, [0, 1, 2, 3], [1, 2, 3, 4], later))
    assert said == (
        "1 of the 2 users of the test part have no event before it: load a longer period, or judge "
        "by --split random."
    )


def test_items_without_an_event_before_are_counted() -> None:
    parts = split([0, 0, 1, 1], [0, 0, 1, 2], [1, 2, 3, 4], [False, True, False, True])
    assert "and 1 items of the test part have no event before it" in sample_size.cause(parts)


@pytest.mark.parametrize(
    ("users", "said"),
    [
        (0, "no user of the test part has"),
        (1, "1 user of the test part has"),
        (2, "2 users of the test part have"),
    ],
)
def test_one_has_and_several_have(users: int, said: str) -> None:
    assert f": {said} anything to find" in sample_size.too_few(users, "")

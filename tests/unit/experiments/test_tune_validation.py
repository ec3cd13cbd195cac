"""Where the trials of a search are validated, against windows cut by a loop over days."""

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.errors import DataError, UsageError
from engine.evaluation.protocols import NextBasket, NextItemProtocol, Window
from engine.experiments.training_request import TrainingRequest
from engine.experiments.tune_validation import validation_of

DAY = 86_400_000
FIRST = 20_000 * DAY
USERS = 60


def daily(days: int = 100, quiet: tuple[int, int] = (0, 0)) -> TrainingData:
    """Everybody takes an item a day, another one every day; on quiet days the first ten alone."""
    user, on = np.divmod(np.arange(USERS * days), days)
    there = (user < 10) | (on < quiet[0]) | (on >= quiet[1])
    user, on = user[there], on[there]
    return TrainingData(
        Interactions.of(
            Vocabulary([f"u{n}" for n in range(USERS)]),
            Vocabulary([f"i{n}" for n in range(days)]),
            user,
            (on + user) % days,
            at=FIRST + on * DAY,
        )
    )


def days_of(events: Interactions) -> tuple[int, int]:
    found = (events.at - FIRST) // DAY
    return int(found.min()), int(found.max())


def test_windows_lie_side_by_side_before_the_oldest_cut_newest_first() -> None:
    asked = TrainingRequest("als", protocol=Window(7, 2))
    # The cuts are the days 86 and 93: nothing from day 86 on is looked at.
    found = validation_of(daily(), asked, 3)
    assert [days_of(one.later) for one in found.windows] == [(79, 85), (72, 78), (65, 71)]
    assert [days_of(one.earlier) for one in found.windows] == [(0, 78), (0, 71), (0, 64)]
    begin = [
        str(np.datetime64(FIRST + n * DAY, "ms").astype("datetime64[D]")) for n in (65, 72, 79)
    ]
    assert found.remarks == [
        f"A trial's figure is the mean over the windows that begin {', '.join(begin)}."
    ]
    assert found.few_users == ""


def test_one_window_is_the_validation_of_the_oldest_cut() -> None:
    for protocol in (Window(7, 2), NextBasket(7, 2)):
        asked = TrainingRequest("als", protocol=protocol)
        (found,) = validation_of(daily(), asked, 1).windows
        expected = asked.tasks(daily())[0].validation
        assert found.later.at.tolist() == expected.later.at.tolist()
        newest = validation_of(daily(), asked, 2).windows[0]
        assert newest.later.at.tolist() == expected.later.at.tolist()
        assert newest.earlier.item.tolist() == expected.earlier.item.tolist()


def test_a_next_basket_is_the_last_one_of_each_window() -> None:
    found = validation_of(daily(), TrainingRequest("als", protocol=NextBasket(7, 2)), 2)
    assert [days_of(one.later) for one in found.windows] == [(85, 85), (78, 78)]
    assert [days_of(one.earlier) for one in found.windows] == [(0, 78), (0, 71)]


def test_a_window_of_too_few_users_is_left_out_and_said() -> None:
    found = validation_of(daily(quiet=(72, 79)), TrainingRequest("als", protocol=Window(7, 2)), 3)
    assert [days_of(one.later) for one in found.windows] == [(79, 85), (65, 71)]
    assert found.remarks[0].endswith(
        " 1 of 3 were left out: fewer than 50 users to ask, or less than half of the older events "
        "before them."
    )


def test_where_no_window_can_be_asked_the_search_has_what_one_window_has() -> None:
    asked = TrainingRequest("als", protocol=Window(7, 2))
    material = daily(quiet=(58, 86))
    found = validation_of(material, asked, 3)
    (parts,) = found.windows
    assert parts.later.at.tolist() == asked.tasks(material)[0].validation.later.at.tolist()
    assert found.remarks == [
        "None of 3 windows could be asked: fewer than 50 users to ask, or less than half of the "
        "older events before them."
    ]


def test_windows_are_of_protocols_that_have_some() -> None:
    for protocol in (None, NextItemProtocol()):
        asked = TrainingRequest("als", protocol=protocol)
        assert len(validation_of(daily(), asked, 1).windows) == 1
        with pytest.raises(UsageError, match="has no windows, so 2 cannot be validated on"):
            validation_of(daily(), asked, 2)


def test_where_nobody_has_anything_to_find_nothing_is_searched() -> None:
    events = daily().events
    once = TrainingData(events.select(np.append(True, np.diff(events.user) > 0)))
    random = TrainingRequest("als", split="random")
    with pytest.raises(DataError):
        validation_of(once, random, 1)


def test_windows_end_at_the_oldest_cut_though_the_days_before_it_were_closed() -> None:
    events = daily().events
    on = (events.at - FIRST) // DAY
    material = TrainingData(events.select((on < 83) | (on > 85)))
    found = validation_of(material, TrainingRequest("als", protocol=Window(7, 2)), 2)
    assert [days_of(one.later) for one in found.windows] == [(79, 82), (72, 78)]


def test_a_basket_that_goes_on_after_the_oldest_cut_ends_there() -> None:
    events = daily().events
    on = (events.at - FIRST) // DAY
    # Everybody's basket of the days 85 to 87, of which the first is before the cut of day 86.
    baskets = np.where((on >= 85) & (on <= 87), 85, on).astype(np.int64)
    material = TrainingData(events, baskets=baskets)
    found = validation_of(material, TrainingRequest("als", protocol=NextBasket(7, 2)), 2)
    assert [days_of(one.later) for one in found.windows] == [(85, 85), (78, 78)]

"""Leave one out, against a loop over users."""

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.errors import DataError
from engine.evaluation.protocols.next_item import NextItemProtocol, last_left_out

from .rows import Row, as_rows, events_of, no_draw, shopping


def by_loop(rows: list[Row]) -> tuple[list[Row], list[list[Row]]]:
    """What is known, and for each user who is asked the events one of which is to be found."""
    known, last = [], []
    for user in range(40):
        own = [row for row in rows if row[0] == user]
        newest = max((row[2] for row in own), default=0.0)
        earlier = [row for row in own if row[2] < newest]
        known += earlier or own
        if earlier:
            last.append([row for row in own if row[2] == newest])
    return known, last


def rounded(events: Interactions) -> Interactions:
    """The same, dated by the day: moments with several events."""
    return events_of([(user, item, float(int(day))) for user, item, day in as_rows(events)], 40, 25)


@pytest.mark.parametrize("events", [shopping(), rounded(shopping())], ids=["moments", "days"])
def test_the_last_event_of_each_user_is_asked_for_and_the_one_before_validates(
    events: Interactions,
) -> None:
    (task,) = NextItemProtocol().tasks(events, no_draw)
    assert task.cut is None
    for parts, rows in ((task.parts, as_rows(events)), (task.validation, None)):
        known, last = by_loop(as_rows(task.parts.earlier) if rows is None else rows)
        assert sorted(as_rows(parts.earlier)) == sorted(known)
        asked = as_rows(parts.later)
        assert [row[0] for row in asked] == [own[0][0] for own in last]
        assert all(row in own for row, own in zip(asked, last, strict=True))


def test_of_one_moment_an_event_is_chosen_by_its_names_not_by_its_place() -> None:
    rows = [(user, item, float(item > 0)) for user in range(6) for item in range(12)]
    chosen = last_left_out(events_of(rows)).later.item
    assert len(set(chosen.tolist())) > 2
    # The same names in other rows: one more item before all others.
    other = events_of([(user, item + 1, day) for user, item, day in rows], items=13)
    renamed = Interactions(
        other.users,
        type(other.items)(["h", *events_of(rows).items.ids]),
        *(other.user, other.item, other.weight, other.at, other.event, other.events),
    )
    assert (last_left_out(renamed).later.item - 1).tolist() == chosen.tolist()
    (note,) = NextItemProtocol().notes(events_of(rows))
    assert note.startswith("The last moment of 6 of 6 users has several events")
    assert NextItemProtocol().notes(events_of([(0, 0, 1.0), (0, 1, 2.0)])) == []


def test_who_has_one_moment_is_not_asked_and_is_learned_from() -> None:
    parts = last_left_out(events_of([(0, 0, 1.0), (0, 1, 2.0), (1, 3, 5.0), (2, 4, -1.0)]))
    assert parts.later.user.tolist() == [0]
    assert np.unique(parts.earlier.user).tolist() == [0, 1, 2]


def test_without_an_order_nothing_is_the_next() -> None:
    with pytest.raises(DataError, match="2 of 2 events have no time"):
        last_left_out(events_of([(0, 0, -1.0), (1, 1, -1.0)]))
    with pytest.raises(DataError, match="no user has events at two different times"):
        last_left_out(events_of([(0, 0, 1.0), (0, 1, 1.0), (1, 1, 2.0)]))

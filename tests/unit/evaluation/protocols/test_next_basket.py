"""The last basket after a cut, against a loop over users and baskets."""

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.evaluation.protocols.next_basket import NextBasket

from .rows import Row, as_rows, events_of, no_draw, shopping


def last_baskets(rows: list[Row], names: list[int], first: float, days: int) -> list[Row]:
    """The events of each user's last basket that was begun in the window."""
    found = []
    for user in range(80):
        own: dict[tuple[int, int], list[Row]] = {}
        for row, name in zip(rows, names, strict=True):
            if row[0] == user:
                own.setdefault((1, name) if name >= 0 else (0, int(row[2])), []).append(row)
        begun = [one for one in own.values() if first <= min(row[2] for row in one) < first + days]
        found += max(begun, key=lambda one: min(row[2] for row in one), default=[])
    return sorted(found)


@pytest.mark.parametrize("named", ["all", "some", "none"])
def test_the_last_basket_of_each_window_is_asked_for(named: str) -> None:
    events = shopping(users=80, events=1_800)
    draw = np.random.default_rng(2)
    # Two days' events make a basket, now and then from one window into the next.
    baskets = ((events.at - events.at.min()) // 172_800_000).astype(np.int64)
    if named == "some":
        baskets[draw.random(len(events)) < 0.5] = -1
    given = None if named == "none" else baskets
    names = [-1] * len(events) if given is None else given.tolist()
    rows = as_rows(events)
    for task, day in zip(
        NextBasket(7, 4).tasks(events, no_draw, given), (42, 49, 56, 63), strict=True
    ):
        assert as_rows(task.parts.earlier) == [row for row in rows if row[2] < day]
        assert sorted(as_rows(task.parts.later)) == last_baskets(rows, names, day, 7)
        old = [(row, name) for row, name in zip(rows, names, strict=True) if row[2] < day]
        before, own = [row for row, _ in old], [name for _, name in old]
        assert sorted(as_rows(task.validation.later)) == last_baskets(before, own, day - 7, 7)
        assert max(row[2] for row in as_rows(task.validation.earlier)) < day - 7


def weekly(extra: list[Row]) -> Interactions:
    return events_of([*((n % 6, n % 12, float(n)) for n in range(60)), *extra])


def test_a_basket_that_was_begun_before_the_cut_is_not_asked_for() -> None:
    events = weekly([(0, 7, 52.9), (0, 8, 53.1)])
    baskets = np.arange(len(events), dtype=np.int64)
    baskets[[round(row[2], 1) in (52.9, 53.1) for row in as_rows(events)]] = 999
    (task,) = NextBasket(7, 1).tasks(events, no_draw, baskets)
    assert (0, 8, 53.1) not in [(u, i, round(d, 1)) for u, i, d in as_rows(task.parts.later)]
    (whole,) = NextBasket(7, 1).tasks(events, no_draw)
    assert as_rows(whole.parts.earlier) == as_rows(task.parts.earlier)


def test_an_event_without_a_time_is_of_its_basket() -> None:
    events = weekly([(0, 7, 56.2), (0, 8, -1.0), (0, 9, -1.0)])
    baskets = np.where(
        np.isin(events.item, (7, 8)) & (events.user == 0), 999, np.arange(len(events))
    )
    (task,) = NextBasket(7, 1).tasks(events, no_draw, baskets)
    assert sorted(task.parts.later.item[task.parts.later.user == 0]) == [7, 8]
    for known in (task.parts.earlier, task.validation.earlier):
        # What will be in a basket that nobody has begun is not known, with a time or without one.
        assert known.item[known.at == 0].tolist() == [9]


def test_what_is_no_named_basket_and_what_lay_between_is_said() -> None:
    events = weekly([(0, 3, 59.5), (0, 4, 58.5)])
    notes = NextBasket(7, 1).notes(events)
    assert "Cuts, at 0:00 UTC: 2026-04-24." in notes[0]
    assert notes[1].startswith("62 of 62 events name no basket: those of a user on one day")
    assert notes[2].startswith("2 of 6 last baskets came after another one")
    named = NextBasket(7, 1).notes(events, np.arange(len(events)))
    assert not [note for note in named if "name no basket" in note]


def test_a_window_can_end_before_the_newest_event() -> None:
    events = weekly([(0, 3, 75.5)])
    end = int(events.at.min()) + 60 * 86_400_000
    assert NextBasket(7, 2, end).tasks(events, no_draw)[-1].cut == end - 7 * 86_400_000
    assert NextBasket(7, 2).tasks(events, no_draw)[-1].cut == end + 9 * 86_400_000
    assert NextBasket(7, 2, end).notes(events)[0] != NextBasket(7, 2).notes(events)[0]
    assert NextBasket(7, 2, end).settings()["window_end"] == end
    assert "window_end" not in NextBasket(7, 2).settings()

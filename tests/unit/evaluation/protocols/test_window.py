"""Windows on events whose parts can be counted by hand."""

import numpy as np
import pytest

from engine.errors import DataError
from engine.evaluation.protocols.window import Window

from .rows import DAY, FIRST, as_rows, events_of, no_draw, shopping


def test_each_cut_knows_all_before_it_and_asks_for_the_days_after() -> None:
    events = shopping(users=80, events=1_800)
    tasks = Window(7, 4).tasks(events, no_draw)
    assert [(task.cut - FIRST) // DAY for task in tasks if task.cut] == [42, 49, 56, 63]
    rows = as_rows(events)
    for task, day in zip(tasks, (42, 49, 56, 63), strict=True):
        assert as_rows(task.parts.earlier) == [row for row in rows if row[2] < day]
        assert as_rows(task.parts.later) == [row for row in rows if day <= row[2] < day + 7]
        assert as_rows(task.validation.earlier) == [row for row in rows if row[2] < day - 7]
        assert as_rows(task.validation.later) == [row for row in rows if day - 7 <= row[2] < day]


def test_events_dated_by_their_day_are_never_parted_from_others_of_it() -> None:
    draw = np.random.default_rng(3)
    hours = [(int(draw.integers(6)), n % 12, n / 2 + draw.random() / 2) for n in range(120)]
    whole = [(n % 6, n % 12, float(n)) for n in range(60)]  # a day's first moment
    for task in Window(7, 3).tasks(events_of(hours + whole), no_draw):
        days = [{int(row[2]) for row in as_rows(part)} for part in vars(task.parts).values()]
        assert not days[0] & days[1]


def test_an_event_without_a_time_is_known_at_every_cut() -> None:
    events = events_of([(0, 0, -1.0), *((n % 6, n % 12, float(n)) for n in range(60))])
    window = Window(7, 2)
    assert all((task.parts.earlier.at == 0).sum() == 1 for task in window.tasks(events, no_draw))
    assert "1 of 61 events have no time" in window.notes(events)[-1]


def test_cuts_without_half_of_the_events_before_them_are_left_out_openly() -> None:
    events = events_of([(n % 6, n % 12, float(n)) for n in range(40)])
    window = Window(7, 4)
    assert [len(task.parts.earlier) for task in window.tasks(events, no_draw)] == [26, 33]
    first, second = window.notes(events)
    assert "Cuts, at 0:00 UTC: 2026-03-28, 2026-04-04." in first
    assert second.startswith("2 of 4 cuts were left out")


def test_too_little_before_a_cut_to_choose_settings_on_is_told_by_its_protocol() -> None:
    events = events_of([(0, 0, 0.0), (1, 1, 1.0), (0, 1, 8.0)])
    (task,) = Window(7, 1).tasks(events, no_draw)
    with pytest.raises(DataError, match="2 events before a cut") as refused:
        _ = task.validation
    assert "--cuts" in refused.value.hint


def test_a_window_in_which_nothing_happened_is_left_out() -> None:
    events = events_of([(n % 6, n % 12, float(n)) for n in range(60) if not 46 <= n < 53])
    tasks = Window(7, 3).tasks(events, no_draw)
    assert [(task.cut - FIRST) // DAY for task in tasks if task.cut] == [39, 53]


def test_a_window_may_end_before_the_newest_event_and_nothing_later_is_seen() -> None:
    events = shopping()
    (task,) = Window(7, 1, end=FIRST + 50 * DAY).tasks(events, no_draw)
    assert task.cut == FIRST + 43 * DAY
    assert max(row[2] for row in as_rows(task.parts.later)) < 50
    assert Window(7, 1, end=5).settings()["window_end"] == 5
    assert Window(7, 1).settings() == {"protocol": "window", "window_days": 7, "cuts": 1}


def test_too_short_a_history_is_refused_with_its_days() -> None:
    with pytest.raises(DataError, match="2026-03-02 to 2026-03-09") as told:
        Window(7, 4).tasks(events_of([(n % 6, n, float(n)) for n in range(8)]), no_draw)
    assert "--protocol split" in (told.value.hint or "")


def test_events_without_times_have_no_window() -> None:
    untimed = events_of([(n % 6, n, -1.0) for n in range(8)])
    with pytest.raises(DataError, match="8 of 8 events have no time"):
        Window().tasks(untimed, no_draw)


def test_a_window_of_few_users_does_not_validate() -> None:
    rows = [(n % 49, n % 12, n / 4) for n in range(240)]
    (task,) = Window(7, 1).tasks(events_of(rows, users=49), no_draw)
    older = sorted(as_rows(task.parts.earlier), key=lambda row: row[2])
    assert sorted(as_rows(task.validation.later)) == sorted(older[-round(len(older) / 8) :])
    assert len(task.validation.earlier) + len(task.validation.later) == len(older)

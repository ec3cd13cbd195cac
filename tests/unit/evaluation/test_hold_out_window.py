"""The window's measure, on three users worked out by hand."""

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.splits import Split
from engine.data.vocabulary import Vocabulary
from engine.errors import DataError
from engine.evaluation.hold_out_window import (
    HOLD_OUT_PROTOCOLS,
    HoldOutWindow,
    can_be_longer,
    described,
    kind_of,
    kind_of_cut,
    protocol_note,
    protocol_of,
    untimed_note,
)
from engine.evaluation.protocols import NextBasket, NextItemProtocol, SingleSplit, Window

DAY = 86_400_000


def _events(rows: list[tuple[int, int, int]]) -> Interactions:
    """(user, item, day) with 3 users and 4 items."""
    user, item, day = (np.array(column) for column in zip(*rows, strict=True))
    return Interactions.of(
        Vocabulary(["u0", "u1", "u2"]),
        Vocabulary(["i0", "i1", "i2", "i3"]),
        user,
        item,
        at=day.astype(np.int64) * DAY,
        events=("buy",),
    )


EARLIER = [(0, 0, 1), (1, 1, 1), (1, 2, 2), (2, 3, 2)]


def _order(rows: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    """Everybody gets i0, i1, i2, i3."""
    return np.tile(np.float32([4, 3, 2, 1]), (len(rows), 1))


def test_each_user_counts_once_with_the_mean_of_both_kinds_of_list() -> None:
    # u0 comes back to i0 and takes the new i1; u1 takes nothing; u2 comes back to i3 only.
    later = [(0, 0, 9), (0, 1, 9), (2, 3, 9)]
    window = HoldOutWindow(Split(_events(EARLIER), _events(later)))
    assert window.users.tolist() == [0, 2]
    assert window.comes_back
    assert window.begins == 9 * DAY
    found = window.judge(_order)
    # u0, new items only: i0 is hidden, i1 comes first: 1. With seen ones: i0, i1 come first: 1.
    # u2, with seen ones: i3 comes fourth: 1 / log2(5). It has no new item to find.
    assert found.values == pytest.approx([1.0, 1 / np.log2(5)])
    assert found.mean == pytest.approx((1 + 1 / np.log2(5)) / 2)
    # Lists of new items for u0: i1, i2, i3.
    assert found.coverage == pytest.approx(3 / 4)


def test_where_nobody_comes_back_only_new_items_count() -> None:
    window = HoldOutWindow(Split(_events(EARLIER), _events([(0, 2, 9), (2, 0, 9)])))
    assert not window.comes_back
    # u0: i1, i2: second place. u2: i0: first.
    assert window.judge(_order).values == pytest.approx([1 / np.log2(3), 1.0])


def test_the_newest_whole_days_are_held_out_a_fifth_of_all_events_at_most() -> None:
    days = _events([(0, 0, day) for day in range(1, 101)])
    end = 101 * DAY
    assert protocol_of(days, 7.0) == Window(7, 1, end)
    assert protocol_of(days, 6.2) == Window(7, 1, end)
    assert protocol_of(days, 90.0) == Window(20, 1, end)
    assert protocol_note(Window(7, 1, end), 7.0) is None
    assert can_be_longer(Window(7, 1, end), 6.2)
    assert not can_be_longer(Window(20, 1, end), 90.0)
    assert "judged on the newest 20." in (protocol_note(Window(20, 1, end), 90.0) or "")
    (task,) = protocol_of(days, 7.0).tasks(days, lambda _: np.random.default_rng(0))
    assert (task.parts.later.at // DAY).tolist() == list(range(94, 101))


def test_where_the_newest_day_is_too_much_the_newest_fifth_is_held_out_openly() -> None:
    day = _events([*[(1, 0, 1)] * 6, *[(0, n % 4, 2) for n in range(4)]])
    assert protocol_of(day, 7.0) == SingleSplit("time", 0.2)
    assert not can_be_longer(SingleSplit("time", 0.2), 7.0)
    assert "in place of whole days" in (protocol_note(SingleSplit("time", 0.2), 7.0) or "")


def test_without_times_a_fifth_of_each_users_items_is_held_out() -> None:
    assert protocol_of(_events([(0, n % 4, 0) for n in range(9)]), 7.0) == SingleSplit(
        "random", 0.2
    )
    assert protocol_note(SingleSplit("random", 0.2), 7.0) is None


@pytest.mark.parametrize(
    ("timed", "kind", "said"),
    [
        (4, "time", None),
        (3, "time", "1 of 4 events have no time: they are trained on and count as the oldest"),
        (2, "time", "2 of 4 events have no time: they are trained on and count as the oldest"),
        (1, "random", "3 of 4 events have no time: judged by a random hold-out, a fifth"),
        (0, "random", "4 of 4 events have no time: judged by a random hold-out, a fifth"),
    ],
)
def test_the_window_is_cut_by_time_where_half_of_the_events_have_one(
    timed: int, kind: str, said: str | None
) -> None:
    events = _events([(0, n % 4, 5 if n < timed else 0) for n in range(4)])
    assert kind_of(events) == kind
    found = untimed_note(4 - timed, 4)
    assert found is None if said is None else (found or "").startswith(said)


def test_baskets_are_of_the_newest_days_and_items_of_each_user() -> None:
    days = _events([(0, 0, day) for day in range(1, 101)])
    end = 101 * DAY
    assert protocol_of(days, 7.0, "next-basket") == NextBasket(7, 1, end)
    assert protocol_of(days, 90.0, "next-basket") == NextBasket(20, 1, end)
    assert protocol_of(days, 90.0, "next-item") == NextItemProtocol()
    assert "judged on the newest 20." in (protocol_note(NextBasket(20, 1, end), 90.0) or "")
    assert protocol_note(NextItemProtocol(), 90.0) is None
    assert not can_be_longer(NextItemProtocol(), 90.0)


def test_baskets_and_items_have_nothing_in_their_place() -> None:
    untimed, half = (_events([(0, n % 4, 5 * (n < timed)) for n in range(4)]) for timed in (1, 2))
    for name in ("next-basket", "next-item"):
        with pytest.raises(DataError, match="3 of 4 events have no time"):
            protocol_of(untimed, 7.0, name)
        assert "nothing is judged by --protocol " + name in (untimed_note(3, 4, name) or "")
        note = untimed_note(2, 4, name) or ""
        assert "count as the oldest; judged on each user's last " in note
        assert "by nothing once most events have no time" in note
        assert described(name) in (
            "each user's last basket of the newest days; every event has a time",
            "each user's last event; every event has a time",
        )
    # All of it happened on one day: nothing is left to learn a basket from.
    with pytest.raises(DataError, match="newest day holds more than a fifth"):
        protocol_of(half, 7.0, "next-basket")
    assert protocol_of(half, 7.0, "next-item") == NextItemProtocol()
    assert described("window") == "the newest days; every event has a time"


def test_what_is_held_out_is_newer_or_drawn_or_each_users_own() -> None:
    kinds = {
        Window(7, 1): "time",
        NextBasket(7, 1): "time",
        SingleSplit("time", 0.2): "time",
        SingleSplit("random", 0.2): "random",
        NextItemProtocol(): "leave-last-out",
    }
    assert {one: kind_of_cut(one) for one in kinds} == kinds
    assert HOLD_OUT_PROTOCOLS == ("window", "next-basket", "next-item")


def test_a_window_begins_where_it_is_said_to() -> None:
    parts = Split(_events(EARLIER), _events([(0, 0, 9)]))
    assert HoldOutWindow(parts, 7 * DAY).begins == 7 * DAY

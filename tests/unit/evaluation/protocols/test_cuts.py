"""Cuts against a search of all days."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.protocols import cuts
from engine.evaluation.protocols.cuts import DAY_MS, cuts_before, day_end, within


def by_search(end: int, width: int, count: int, apart: int) -> list[int]:
    """The same by walking back from ``end``, a day at a time."""
    found: list[int] = []
    day = end // DAY_MS
    while len(found) < count:
        fits = (day + width) * DAY_MS <= end
        far = not found or found[-1] // DAY_MS - day >= max(apart, width)
        if fits and far:
            found.append(day * DAY_MS)
        day -= 1
    return found[::-1]


@given(
    end=st.integers(0, 30_000 * DAY_MS),
    width=st.integers(1, 40),
    count=st.integers(0, 8),
    apart=st.integers(1, 20),
)
def test_cuts_are_those_that_a_search_of_all_days_finds(
    end: int, width: int, count: int, apart: int
) -> None:
    found = cuts_before(end, width, count, apart_days=apart)
    assert found.dtype == np.int64
    assert found.tolist() == by_search(end, width, count, apart)
    assert not (found % DAY_MS).any()


@given(st.lists(st.integers(1, 10**12), min_size=1), st.integers(1, 9))
def test_the_newest_window_holds_the_newest_event_and_windows_share_none(
    at: list[int], width: int
) -> None:
    times = np.array(at, dtype=np.int64)
    found = cuts_before(day_end(times), width, 3)
    held = np.stack([within(times, cut, width) for cut in found.tolist()])
    assert held[-1][times.argmax()]
    assert (held.sum(axis=0) <= 1).all()
    for cut, own in zip(found.tolist(), held, strict=True):
        assert own.tolist() == [cut <= one < cut + width * DAY_MS for one in at]


def test_cuts_are_a_week_apart_and_windows_of_two_weeks_two() -> None:
    end = 100 * DAY_MS
    assert (cuts_before(end, 1, 4) // DAY_MS).tolist() == [78, 85, 92, 99]
    assert (cuts_before(end, 14, 3) // DAY_MS).tolist() == [58, 72, 86]
    assert (cuts_before(end + DAY_MS - 1, 7, 1) // DAY_MS).tolist() == [93]


def test_a_day_is_named_by_its_date() -> None:
    assert cuts.day(1_764_288_000_000) == "2025-11-28"

"""Numbers of items, counted one event after the other; nothing after the moment counts."""

import itertools
from collections import defaultdict
from statistics import median

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.ranking.item_statistics import STATISTICS, item_statistics

DAY = 86_400_000


def made(rng: np.random.Generator, n: int = 400) -> Interactions:
    user, item = rng.integers(0, 9, n), rng.integers(0, 11, n)
    at = 17_000 * DAY + rng.integers(0, 60, n) * (DAY // 2)
    at[rng.random(n) < 0.2] = 0  # these have no time
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(9)]),
        Vocabulary([f"i{n:02}" for n in range(12)]),  # the last one was never bought
        user,
        item,
        at=at,
    )


def account(events: Interactions, item: int, as_of: int) -> dict[str, float]:
    rows = [n for n in range(len(events)) if events.item[n] == item and events.at[n] <= as_of]
    ages = [(as_of - events.at[n]) / DAY for n in rows]
    times: dict[int, set[int]] = defaultdict(set)
    for n in rows:
        times[int(events.user[n])].add(int(events.at[n]))
    repeats = sum(len(one) - 1 for one in times.values())
    gaps = []
    for one in times.values():
        sorted_ = sorted(one - {0})
        between = [(b - a) / DAY for a, b in itertools.pairwise(sorted_)]
        if between:
            gaps.append(median(between))
    found = {
        f"events_{days}_days": sum(0.5 ** (age / days) for age in ages)
        for days in (2, 7, 14, 28, 120)
    }
    found |= {f"events_in_last_{days}_days": sum(a <= days for a in ages) for days in (3, 7, 28)}
    return found | {
        "events": len(rows),
        "users": len(times),
        "share_of_repeats": repeats / (repeats + len(times) + 5),
        "share_of_users_again": sum(len(one) > 1 for one in times.values()) / max(len(times), 1),
        "days_between": median(gaps) if gaps else np.nan,
    }


@pytest.mark.parametrize("days", [60, 12, 0])
def test_statistics_of_items(days: int, rng: np.random.Generator) -> None:
    events = made(rng)
    as_of = 17_000 * DAY + days * DAY // 2
    found = item_statistics(events, as_of)
    for item in range(events.n_items):
        expected = account(events, item, as_of)
        for column, name in enumerate(STATISTICS):
            value = pytest.approx(expected[name], rel=1e-9, nan_ok=True)
            assert found[item, column] == value, (name, item)


def test_the_past_is_what_it_was_when_it_was_the_present(rng: np.random.Generator) -> None:
    events = made(rng)
    as_of = 17_000 * DAY + 10 * DAY
    then = events.select(events.at <= as_of)
    np.testing.assert_array_equal(item_statistics(events, as_of), item_statistics(then, as_of))

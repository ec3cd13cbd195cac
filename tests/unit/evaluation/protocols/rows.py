"""Events written as rows, and a generator for protocols that draw nothing."""

from datetime import UTC, datetime

import numpy as np

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary

HOUR = 3_600_000
DAY = 24 * HOUR
FIRST = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp() * 1_000)
"""Day 0."""
Row = tuple[int, int, float]


def events_of(rows: list[Row], users: int = 6, items: int = 12) -> Interactions:
    """(user, item, day), the day with its fraction; a negative one is no time."""
    user, item, day = (np.array(column) for column in zip(*rows, strict=True))
    at = np.where(day < 0, 0, FIRST + np.round(day * DAY).astype(np.int64))
    order = np.lexsort((item, at, user))
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(users)]),
        Vocabulary([f"i{n:02}" for n in range(items)]),
        user[order],
        item[order],
        at=at[order],
    )


def shopping(days: int = 70, events: int = 900, users: int = 40, items: int = 25) -> Interactions:
    """People who shop at any hour."""
    draw = np.random.default_rng(11)
    rows = zip(
        draw.integers(users, size=events).tolist(),
        (draw.zipf(1.5, events) % items).tolist(),
        (draw.random(events) * days).tolist(),
        strict=True,
    )
    return events_of(list(rows), users, items)


def as_rows(events: Interactions) -> list[Row]:
    """(user, item, day) of every event."""
    days = ((events.at - FIRST) / DAY).tolist()
    return list(zip(events.user.tolist(), events.item.tolist(), days, strict=True))


def no_draw(name: str) -> np.random.Generator:
    """Nothing may be drawn."""
    raise AssertionError(name)

"""A shop whose customers buy each of their things again when it is due: what a ranker can learn."""

import csv
from pathlib import Path

import numpy as np

DAY = 86_400
FIRST = 1_700_006_400
"""A midnight."""
CUSTOMERS, ITEMS, WEEKS = 80, 50, 22


def rows(weeks: int = WEEKS) -> list[tuple[str, str, int, str]]:
    """Return user, item, time and basket: own things every two to six weeks, and one of chance."""
    draw, found = np.random.default_rng(11), []
    for customer in range(CUSTOMERS):
        own = draw.choice(ITEMS, 12, replace=False)
        every = draw.choice([14, 21, 28, 42], 12)
        phase = draw.integers(0, every)
        for day in range(2, 7 * weeks, 3 + customer % 2):
            # Due since the last visit; sometimes forgotten until the next one.
            due = [
                item
                for item, period, first in zip(own, every, phase, strict=True)
                if (day - first) % period < 3 + customer % 2
            ]
            at = FIRST + DAY * day + 60 * customer
            for item in {*due, int(draw.integers(ITEMS))}:
                found.append((f"u{customer:02}", f"i{item}", at, f"{customer}-{day}"))
    return found


def write(path: Path, weeks: int = WEEKS) -> Path:
    """Write its events."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["user_id", "item_id", "timestamp", "basket_id"])
        out.writerows(rows(weeks))
    return path

"""A small shop as a file of events."""

import csv
from pathlib import Path

import numpy as np
import pytest

from engine.config import Settings, load
from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary

FAST = {"dimension": "8", "epochs": "3", "batch_size": "256", "negative_count": "32"}


def shop(users: int = 60, items: int = 40, events: int = 1_500) -> Interactions:
    """Two tastes, and people who come back to what they bought."""
    generator = np.random.default_rng(4)
    user = np.sort(generator.integers(0, users, events))
    item = 2 * generator.zipf(1.6, events).clip(1, items // 2) - 2 + user % 2
    at = generator.integers(1, 300, events) * 86_400_000 + 1_600_000_000_000
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(users)]),
        Vocabulary([f"i{n}" for n in range(items)]),
        user,
        item,
        at=at,
    )


def write_events(path: Path, events: Interactions) -> Path:
    """Write events as a CSV file, each with an id of its own: the shop has equal rows."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["user_id", "item_id", "timestamp", "event_id"])
        for row, (user, item, at) in enumerate(
            zip(events.user, events.item, events.at, strict=True)
        ):
            out.writerow([events.users.ids[user], events.items.ids[item], int(at), f"e{row}"])
    return path


@pytest.fixture
def events_file(tmp_path: Path) -> Path:
    """The shop's events as CSV."""
    return write_events(tmp_path / "events.csv", shop())


@pytest.fixture
def settings(home: Path) -> Settings:
    """The settings of this test's home."""
    return load(home=home)

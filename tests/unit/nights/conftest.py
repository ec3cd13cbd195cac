"""What a night is judged on: a registry, and a hundred days of four users."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.store.registry import Registry
from engine.store.registry_schema import open_registry_engine

DAY = 86_400_000
FIRST = 1_700_000_000_000


@pytest.fixture
def registry(home: Path) -> Iterator[Registry]:
    engine = open_registry_engine(f"sqlite:///{home / 'registry.sqlite'}")
    yield Registry(engine)
    engine.dispose()


def hundred_days(*, timed: bool = True) -> Interactions:
    """An event a day: four users in turn, six items; the first user keeps to one item."""
    day = np.arange(100)
    user, item = day % 4, np.where(day % 4 == 0, 5, day % 6)
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(4)]),
        Vocabulary([f"i{n}" for n in range(6)]),
        user,
        item,
        at=FIRST + DAY * day if timed else 0,
        events=("buy",),
    )

"""A small user-item graph with a user and an item that have no events."""

import numpy as np
import pytest
import torch

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """Vectors that a test draws are the same every time."""
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def small_graph() -> Interactions:
    """Nine users, seven items; the last of each has no event, and some pairs happen twice."""
    generator = np.random.default_rng(5)
    events = 40
    return Interactions(
        users=Vocabulary([f"u{n}" for n in range(9)]),
        items=Vocabulary([f"i{n}" for n in range(7)]),
        user=np.sort(generator.integers(0, 8, events)).astype(np.int32),
        item=generator.integers(0, 6, events).astype(np.int32),
        weight=np.ones(events, dtype=np.float32),
        at=np.zeros(events, dtype=np.int64),
        event=np.zeros(events, dtype=np.int16),
        events=("bought",),
    )

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
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(9)]),
        Vocabulary([f"i{n}" for n in range(7)]),
        np.sort(generator.integers(0, 8, events)),
        generator.integers(0, 6, events),
    )

"""Seeds: every random draw has its own generator, named by where it happens.

A draw depends on (seed, place, epoch, step) and on nothing drawn before, so a run that continues
from a saved step draws what the unbroken run would have drawn.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zlib import crc32

import numpy as np
import torch


def generator(seed: int, place: str, *numbers: int) -> np.random.Generator:
    """Return the generator of one place, such as ``negatives`` at an epoch and step."""
    return np.random.default_rng([seed, crc32(place.encode()), *numbers])


@contextmanager
def deterministic() -> Iterator[None]:
    """Have torch choose algorithms that give the same bits every time; a GPU without one warns."""
    filling: Any = torch.utils.deterministic
    before = torch.are_deterministic_algorithms_enabled()
    fill = filling.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True, warn_only=torch.get_default_device().type == "cuda")
    # Nothing here reads memory it has not written, and filling it costs a third of a step.
    filling.fill_uninitialized_memory = False
    try:
        yield
    finally:
        filling.fill_uninitialized_memory = fill
        torch.use_deterministic_algorithms(before)

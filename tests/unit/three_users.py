"""Three users: a had x twice and y, b had x and z, c had nothing."""

import numpy as np

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary

DAY = 86_400_000
DATA = Interactions.of(
    Vocabulary(["a", "b", "c"]),
    Vocabulary(["x", "y", "z"]),
    [0, 0, 0, 1, 1],
    [0, 0, 1, 0, 2],
    at=np.array([1, 2, 400, 1, 400]) * DAY,
)
ALL = np.arange(3)

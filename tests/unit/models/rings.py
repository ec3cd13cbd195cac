"""A graph where only order tells what comes next, and how often a model finds it."""

import numpy as np

from engine.data.interactions import Interactions
from engine.data.model_options import configure
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.models import MODELS
from engine.training.batch_factories import SOURCES
from engine.training.data_sized import sized
from engine.training.trainer import TrainingHooks, train
from engine.training.training_config import TrainingConfig


def rings(users: int = 60, length: int = 9, size: int = 10) -> tuple[Interactions, np.ndarray]:
    """Return users who go around a ring, each half of them one way, and what comes next for each.

    Everybody takes nearly every item, so how often who had what says nothing of what comes next.
    """
    generator = np.random.default_rng(7)
    way = np.where(np.arange(users) % 2, 1, -1)
    start = generator.integers(0, size, users)
    walked = (start[:, None] + way[:, None] * np.arange(length + 1)) % size
    user = np.repeat(np.arange(users), length)
    events = Interactions.of(
        Vocabulary([f"u{n:02}" for n in range(users)]),
        Vocabulary([f"i{n}" for n in range(size)]),
        user,
        walked[:, :length].ravel(),
        at=1 + np.tile(np.arange(length), users) * 60_000,
    )
    return events, walked[:, length]


def hits(name: str, settings: dict[str, str], events: Interactions, following: np.ndarray) -> float:
    """Return how often what comes next is first of all items, those a user had included."""
    entry = MODELS[name]
    own = {key: text for key, text in settings.items() if key in entry.config.__dataclass_fields__}
    rest = {key: text for key, text in settings.items() if key not in own}
    config = configure(TrainingConfig, dict(entry.training) | {"recency": "0"} | rest)
    config = sized(config, entry, events)
    model_config, material = configure(entry.config, own), TrainingData(events)
    encoder = entry.build(material, model_config, np.random.default_rng(0))
    draw = SOURCES[entry.batches]
    train(encoder, draw(material, model_config, config, 1), config, TrainingHooks())
    found = encoder.encode()
    return float(((found.users @ found.items.T).argmax(axis=1) == following).mean())

"""Settings of training that follow the size of the data where the user does not say.

Sizes only for softmax over pairs, whose negatives are shared by a batch. There an epoch costs what
its steps cost, each a pass over the whole graph, and what its table of scores costs, a row per user
of a batch; few large batches of whole users need few of both. Rules and their trial on four data
sets: docs/models.md, "Sizes that follow the data".
"""

import math
from dataclasses import asdict, replace

from engine.data.interactions import Interactions
from engine.models.registry_entries import ModelEntry
from engine.training.training_config import SPARSE_ADAM, TrainingConfig

_STEPS = {"users": 8, "pairs": 32}
_LEAST_BATCH = 4_096
_MOST_BATCH = {"users": 1_048_576, "pairs": 65_536}
"""Where whole users are shuffled an epoch is eight steps up to 8 million pairs: with a bound on the
batch its time would go with the square of the pairs."""
_NEGATIVES = 512, 16_384
_RATE = 0.01
_MOST_RATE_BATCH = 65_536
"""The step of Adam grows no more beyond it: there it is .04, and vectors have a length of 1."""
_SPARSE_FROM = 16
"""Rows for each that a step looks up, from which on ``sparse-adam`` moves these alone."""


def sized(config: TrainingConfig, model: ModelEntry, events: Interactions) -> TrainingConfig:
    """Return the config with every setting that is left to the data filled in.

    Args:
        config: ``batch_size`` 0, ``negative_count`` 0, ``learning_rate`` 0, ``shuffle`` and
            ``optimiser`` ``auto`` are left to the data.
        model: What is trained.
        events: What it is trained on.
    """
    size, count, shuffle = _LEAST_BATCH, _NEGATIVES[0], "pairs"
    if model.batches == "pairs" and config.loss == "softmax":
        shuffle = "users" if config.shuffle == "auto" else config.shuffle
        pairs = events.csr(binary=True).nnz
        size = _within(pairs / _STEPS[shuffle], _LEAST_BATCH, _MOST_BATCH[shuffle])
        if shuffle == "users":
            count = _within((events.item_counts() > 0).sum(), *_NEGATIVES)
    size = config.batch_size or size
    # The gradient of twice the pairs has half the variance: the step of Adam goes with the root
    # (Malladi et al. 2022, section 4).
    of_rate = min(size, _MOST_RATE_BATCH) / _LEAST_BATCH
    scale = max(1.0, of_rate) if model.batches == "pairs" else 1.0
    count = config.negative_count or count
    optimiser = config.optimiser
    if model.sparse_gradients and optimiser == "auto":
        few = _SPARSE_FROM * (2 * size + count) <= events.n_users + events.n_items
        optimiser = SPARSE_ADAM if few else "adam"
    return replace(
        config,
        batch_size=size,
        negative_count=count,
        learning_rate=config.learning_rate or round(_RATE * math.sqrt(scale), 4),
        shuffle=shuffle if config.shuffle == "auto" else config.shuffle,
        optimiser=optimiser,
    )


def filled_in(before: TrainingConfig, after: TrainingConfig) -> dict[str, float | str]:
    """Return the settings that were left to the data, with their values."""
    values = asdict(after)
    return {name: values[name] for name, value in asdict(before).items() if value != values[name]}


def _within(number: float, low: int, high: int) -> int:
    """Return the power of two at or below a number, held between two of them."""
    power: int = 2 ** int(math.log2(max(1.0, number)))
    return min(max(power, low), high)

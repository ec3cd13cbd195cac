"""Confidence: how sure it is, by an event's weight, that somebody likes an item; for every model.

c of a pair with events, s being the sum of their weights (plays, hours, stars):

    binary     1
    linear     s
    log        ln(1 + s)
    threshold  1; events that weigh less than the threshold are not learned from

A pair whose s is 0 or less has no event. How a model uses c stands in ``docs/weights.md``; one
whose formula has no place for c takes binary and threshold alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from scipy import sparse

from engine.data.interactions import Interactions
from engine.data.model_options import option
from engine.errors import DataError

CONFIDENCES = ("binary", "linear", "log", "threshold")
COUNTED_ONCE = ("binary", "threshold")
_ONCE_HELP = (
    "what the weights of a pair's events say: binary nothing, threshold nothing, but events that "
    "weigh less are left out; this model has no formula for linear and log"
)
_HELP = (
    "what the weights of a pair's events say: binary nothing, linear their sum, log ln(1 + sum), "
    "threshold nothing, but events that weigh less are left out"
)


@dataclass(frozen=True)
class ThresholdConfig:
    """Settings of what weights mean to a model that counts a pair once."""

    confidence: str = option("binary", _ONCE_HELP, choices=COUNTED_ONCE)
    threshold: float = option(
        3.0, "least weight of an event that is learned from, where confidence is threshold"
    )


@dataclass(frozen=True)
class ConfidenceConfig(ThresholdConfig):
    """Settings of what weights mean."""

    confidence: str = option("binary", _HELP, choices=CONFIDENCES)


BINARY = ConfidenceConfig()


def config_of(settings: Mapping[str, Any]) -> ConfidenceConfig:
    """Return what of the settings of a run says what weights mean; without any every pair is 1."""
    names = (one.name for one in fields(ConfidenceConfig))
    return ConfidenceConfig(**{name: settings[name] for name in names if name in settings})


def learned_from(train: Interactions, config: object) -> Interactions:
    """Return the events that a model of some settings learns from.

    Raises:
        DataError: No event reaches the threshold.
    """
    if not isinstance(config, ThresholdConfig) or config.confidence != "threshold":
        return train
    kept = train.select(train.weight >= config.threshold)
    if not len(kept):
        raise DataError(
            f"no event weighs {config.threshold:g} or more, so there is nothing to learn from",
            hint="a smaller --set threshold, or another --set confidence",
        )
    return kept


def confidences(train: Interactions, config: ThresholdConfig = BINARY) -> sparse.csr_array:
    """Return c of every pair, ``(n_users, n_items) float32``.

    Raises:
        DataError: As ``learned_from``.
    """
    matrix = learned_from(train, config).csr(binary=config.confidence in COUNTED_ONCE)
    if config.confidence in ("linear", "log"):
        matrix.data = np.maximum(matrix.data, 0)
        if config.confidence == "log":
            matrix.data = np.log1p(matrix.data)
        matrix.eliminate_zeros()
    return matrix

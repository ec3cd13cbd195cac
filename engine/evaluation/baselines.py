"""Baselines: the plain methods that stand in every comparison, by name."""

from collections.abc import Callable

import numpy as np

from engine.data.interactions import Interactions
from engine.evaluation.ranking import UserScorer
from engine.models import plain


def baseline(name: str) -> Callable[[Interactions], UserScorer]:
    """Return what builds the score of a plain method with its default settings."""
    chosen = plain(name)

    def build(train: Interactions) -> UserScorer:
        return chosen.build(train, chosen.config(), np.random.default_rng(0)).score

    return build


BASELINES: dict[str, Callable[[Interactions], UserScorer]] = {
    name: baseline(name) for name in ("popular", "item-knn", "buy-again")
}

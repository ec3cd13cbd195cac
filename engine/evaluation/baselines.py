"""Baselines: the plain methods that stand in every comparison, by name."""

from collections.abc import Callable

import numpy as np

from engine.data.interactions import Interactions
from engine.evaluation.plain_settings import settings_of
from engine.evaluation.ranking import UserScorer
from engine.models import plain

ScorerBuilder = Callable[[Interactions], UserScorer]
"""Makes a score of the events that may be learned from."""


def baseline(name: str) -> ScorerBuilder:
    """Return what builds a plain method's score, its settings chosen on what it learns from."""
    chosen = plain(name)

    def build(train: Interactions) -> UserScorer:
        config = settings_of(name, train, {})
        return chosen.build(train, config, np.random.default_rng(0)).score

    return build


ALWAYS = ("popular", "recent-popular", "buy-again", "p-top", "gp-top", "user-knn")
"""They stand in every table: what a shop already knows. Each can be served."""

BASELINES: dict[str, ScorerBuilder] = {name: baseline(name) for name in (*ALWAYS, "item-knn")}

"""The blend without vectors: popularity, recency and repeats, weighed on validation.

What a model's blend gains over this is what its vectors say; what this gains over the plain methods
is the weighing.
"""

import numpy as np

from engine.data.interactions import Interactions
from engine.evaluation import blend
from engine.evaluation.protocols import EvaluationTask
from engine.evaluation.ranking import UserScorer
from engine.evaluation.trend import fold
from engine.models.encoder import Embeddings

NAME = "no-vectors"


def scorer(task: EvaluationTask) -> UserScorer:
    """Return the score of what is known, weighed as beside a model of the same task."""
    known, inner = task.parts.earlier, task.validation
    alike = _alike(known)
    # Any weight of the trend alone gives one order; the largest leaves the others the finest steps.
    strongest = blend.TREND_WEIGHTS[-1:]
    trend, weights = blend.choose(alike, inner.earlier, inner.later, trends=strongest)
    folded = Embeddings(*fold(*alike, known, trend, cosine=True))
    return blend.scorer(folded.score, known, weights)


def _alike(known: Interactions) -> blend.VectorPair:
    """Return unit vectors that make every item the same to every user: their cosine is 0."""
    user, item = np.eye(2, dtype=np.float32)
    return np.tile(user, (known.n_users, 1)), np.tile(item, (known.n_items, 1))

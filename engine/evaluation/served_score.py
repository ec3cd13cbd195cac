"""The score as it is served some time after the training, for whoever judges what serves."""

import numpy as np

from engine.data.arrays import BoolArray, Float32Array, Int64Array
from engine.data.interactions import Interactions
from engine.evaluation import blend, fold_in
from engine.evaluation.blend import Blend
from engine.evaluation.ranking import UserScorer
from engine.models.encoder import Embeddings


def served_score(
    vectors: tuple[Float32Array, Float32Array],
    known: Interactions,
    weights: Blend,
    until: int,
    *,
    cosine: bool,
) -> UserScorer:
    """Return the score that serving gives once ``known`` has happened.

    What was done since the training is folded in, and popularity decides for whoever has no vector
    even then. A new item, which ``engine ingest`` places by its facts, has no vector here.

    Args:
        vectors: Of users and items, ``(n, d)``; rows of zeros where the model knows nothing.
        known: Everything that happened before the list is asked for.
        weights: Of the blend.
        until: Epoch milliseconds of the newest event that the model has learned.
        cosine: Whether vectors are compared by cosine.
    """
    items = vectors[1]
    users = fold_in.folded(
        *vectors,
        known,
        until,
        weight=weights.drift_weight,
        half_life_days=weights.half_life_days,
        cosine=cosine,
    )

    def embedded(rows: Int64Array) -> Float32Array:
        scores: Float32Array = users[rows] @ items.T
        return scores

    return _with_popularity(embedded, known, weights, ~np.any(users != 0, axis=1))


def served_by_edges(embeddings: Embeddings, known: Interactions, weights: Blend) -> UserScorer:
    """Return the score that serving gives by the edges of a filter once ``known`` has happened.

    Args:
        embeddings: The edges, and what users have by now.
        known: Everything that happened before the list is asked for.
        weights: Of the blend.
    """
    profiles = embeddings.profiles
    without = np.zeros(known.n_users, dtype=bool) if profiles is None else profiles.sum(axis=1) == 0
    return _with_popularity(embeddings.score, known, weights, without)


def _with_popularity(
    embedded: UserScorer, known: Interactions, weights: Blend, without: BoolArray
) -> UserScorer:
    """Return the blend's score; popularity decides for users of whom nothing is known."""
    score = blend.scorer(embedded, known, weights)
    if weights.popularity_weight:
        return score
    popular = weights.popularity(known)

    def served(rows: Int64Array) -> Float32Array:
        scores = score(rows)
        scores[without[rows]] += popular
        return scores

    return served

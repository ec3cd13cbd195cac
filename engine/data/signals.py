"""Signals of plain counting that stand beside every embedding: popularity and repeats.

The query that serves a recommendation computes popularity and repeats too, so those definitions are
part of the contract with ``cypher/recommend``. May import: ``interactions``.
"""

import numpy as np
import numpy.typing as npt
from scipy import sparse

from engine.data.interactions import Interactions

MILLISECONDS_PER_DAY = 86_400_000.0


def popularity(interactions: Interactions) -> npt.NDArray[np.float32]:
    """Return ln(1 + n_i) / ln(1 + max_j n_j), ``(n_items,) float32``; n counts events."""
    logs = np.log1p(interactions.item_counts().astype(np.float64))
    top = logs.max(initial=0.0)
    return (logs / top if top > 0 else logs).astype(np.float32)


def recent_popularity(interactions: Interactions, half_life_days: float) -> npt.NDArray[np.float32]:
    """Return ln(1 + n_i) / ln(1 + max n), ``(n_items,) float32``; n adds the events' freshness."""
    fresh = freshness(interactions, half_life_days)
    counts = np.bincount(interactions.item, fresh, minlength=interactions.n_items)
    logs = np.log1p(counts)
    top = logs.max(initial=0.0)
    return (logs / top if top > 0 else logs).astype(np.float32)


def repeats(interactions: Interactions, half_life_days: float) -> sparse.csr_array:
    """Return c / (1 + c) for every pair with an event, ``(n_users, n_items) float32``.

    c adds 2^(-age / half-life) over the pair's events, the age taken against the newest event of
    all; an event without a time counts 1.
    """
    matrix = sparse.csr_array(
        (freshness(interactions, half_life_days), (interactions.user, interactions.item)),
        shape=(interactions.n_users, interactions.n_items),
    )
    matrix.sum_duplicates()
    matrix.data /= 1.0 + matrix.data
    return matrix.astype(np.float32)


def freshness(interactions: Interactions, half_life_days: float) -> npt.NDArray[np.float64]:
    """Return 2^(-age / half-life) of every event, the age against the newest; 1 without a time."""
    age_days = (interactions.at.max(initial=0) - interactions.at) / MILLISECONDS_PER_DAY
    # Ages of events without a time are huge and meaningless; the power of them is just 0.
    return np.where(interactions.at > 0, np.exp2(-age_days / half_life_days), 1.0)

"""RP3β (Paudel et al. 2016): a random walk of three steps, user to item to user to item.

score(u, i) = Σ_j Σ_v P_jv^a P_vi^a / d_i^b over the items j ≠ i of u, with P_jv = 1 / d_j from an
item to each user who had it, P_vi = 1 / d_v from a user to each of the user's items, d the degrees;
by confidences where these count. With a = 1 and b = 0 it is the walk itself, which ends at popular
items; b, the β of the name, holds them back.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from engine.data.arrays import Float32Array, Float64Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.model_options import Span, option
from engine.models import item_filter
from engine.models.confidence import confidences
from engine.models.item_filter import FilterConfig


@dataclass(frozen=True)
class Rp3BetaConfig(FilterConfig):
    """Settings of RP3β."""

    alpha: float = option(
        1.0, "exponent of the probability of a step", low=0.01, high=4, tune=Span(0.3, 2.0)
    )
    beta: float = option(
        0.2, "exponent of the degree that divides", low=0, high=2, tune=Span(0.0, 1.0)
    )


class Rp3Beta:
    """Score by where a walk of three steps ends.

    Args:
        train: Events to learn from; a pair counts by its confidence, 1 unless it is set.
        config: Settings.
    """

    def __init__(self, train: Interactions, config: Rp3BetaConfig) -> None:
        pairs = confidences(train, config).astype(np.float64)
        of_user, of_item = (
            np.maximum(np.asarray(pairs.sum(axis=axis)).ravel(), 1e-12) for axis in (1, 0)
        )
        held_back = sparse.diags_array(of_item**-config.beta)
        to_users = _powers(sparse.csr_array(pairs.T.tocsr()), of_item, config.alpha)
        to_items = sparse.csr_array(_powers(pairs, of_user, config.alpha) @ held_back)
        self._to_users, self._to_items = (one.astype(np.float32) for one in (to_users, to_items))
        self._own = item_filter.own_items(train, config)

    def score(self, rows: Int64Array) -> Float32Array:
        """Return ``(len(rows), n_items) float32``; an own item is not reached from itself."""
        own = self._own[rows]
        scores: Float32Array = (sparse.csr_array(own @ self._to_users) @ self._to_items).toarray()
        back = np.asarray(self._to_users.multiply(self._to_items.T).sum(axis=1)).ravel()
        row = np.repeat(np.arange(len(rows)), np.diff(own.indptr))
        scores[row, own.indices] -= own.data * back[own.indices]
        return scores

    def item_edges(self, most: int) -> sparse.csr_array:
        """Return the strongest ``most`` cells of each row, ``(n_items, n_items) float32``."""
        walked, steps = self._to_users, self._to_items
        return item_filter.by_blocks(
            walked.shape[0], lambda rows: sparse.csr_array(walked[rows] @ steps), most
        )


def _powers(pairs: sparse.csr_array, total: Float64Array, exponent: float) -> sparse.csr_array:
    """Return the probability of each step to the power of an exponent."""
    steps = pairs.data / np.repeat(total, np.diff(pairs.indptr))
    return sparse.csr_array((steps**exponent, pairs.indices, pairs.indptr), pairs.shape)

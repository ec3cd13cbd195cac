"""User k-NN over own frequencies: what the user buys, and what the users most like them buy.

c_u(i) = Σ over the events of u on i of 2^(-age / half-life)
cos(u, v) = Σ_i sqrt(c_u(i) · c_v(i)) / sqrt(Σ_i c_u(i) · Σ_i c_v(i))
score(u, i) = a · c_u(i) + (1 - a) · Σ_v cos(u, v) · c_v(i) / Σ_v cos(u, v) + ε · popularity(i)

v runs over the k users of the largest cosine with u, above 0. The square roots keep one item that
is bought every week from deciding who is alike. ε = 0.001 orders what nobody of them has.

After TIFU-KNN (Hu et al., SIGIR 2020), whose frequencies fall by groups of baskets and whose
nearest are those of Euclid, and UP-CF (Faggioli et al., UMAP 2020), which counts the last r baskets
and takes an asymmetric cosine: docs/models.md has the three on validation windows.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from engine.data import signals
from engine.data.arrays import Float32Array, Int64Array
from engine.data.highest import nth_highest_of_rows
from engine.data.interactions import Interactions
from engine.data.model_options import Span, option

POPULARITY_WEIGHT = 0.001
_CELLS_PER_BLOCK = 4_000_000
_EQUAL_DECIMALS = 6


@dataclass(frozen=True)
class UserKnnConfig:
    """Settings of user k-NN."""

    half_life_days: float = option(
        120.0,
        "days after which an event counts half; 0: all count alike",
        low=0,
        tune=(0.0, 30.0, 60.0, 120.0, 240.0),
    )
    neighbours: int = option(
        100, "users most like a user", low=1, high=300, tune=(30, 50, 100, 200)
    )
    own_share: float = option(
        0.7,
        "share of what the user had, against what the others have",
        low=0,
        high=1,
        tune=Span(0.3, 1.0),
    )


class NearestUsers:
    """Who is most like whom.

    Args:
        frequencies: ``(n_users, n_items)``, c of the formula.
        neighbours: How many there are of each user, at most.
    """

    def __init__(self, frequencies: sparse.csr_array, neighbours: int) -> None:
        total = np.asarray(frequencies.sum(axis=1)).ravel()
        scale = 1.0 / np.sqrt(np.where(total > 0, total, 1.0))
        self._unit = sparse.csr_array(frequencies.sqrt().multiply(scale[:, None]))
        self._columns = self._unit.T.tocsr()
        self._neighbours = neighbours

    def of(self, rows: Int64Array) -> sparse.csr_array:
        """Return the cosines with the nearest of some users, ``(len(rows), n_users) float64``."""
        n_users = self._unit.shape[0]
        size = max(1, _CELLS_PER_BLOCK // max(1, n_users))
        blocks = [self._nearest(rows[at : at + size]) for at in range(0, len(rows), size)]
        if not blocks:
            return sparse.csr_array((0, n_users))
        return sparse.csr_array(sparse.vstack(blocks, format="csr"))

    def _nearest(self, rows: Int64Array) -> sparse.csr_array:
        cosines = sparse.csr_array(self._unit[rows] @ self._columns)
        row = np.repeat(np.arange(len(rows)), np.diff(cosines.indptr))
        # Cosines that are equal may differ in their last bits.
        value = cosines.data.round(_EQUAL_DECIMALS)
        value[cosines.indices == rows[row]] = 0
        least = nth_highest_of_rows(value, cosines.indptr, self._neighbours)
        kept = (value > 0) & (value >= least[row])
        row, column, value = row[kept], cosines.indices[kept], value[kept]
        order = np.lexsort((column, -value, row))
        row, column, value = row[order], column[order], value[order]
        rank = np.arange(len(row)) - np.searchsorted(row, row, side="left")
        near = rank < self._neighbours
        return sparse.csr_array((value[near], (row[near], column[near])), shape=cosines.shape)


class UserKnn:
    """Score by the user's own frequencies and those of the users most like them.

    Args:
        train: Events to learn from.
        config: Settings.
    """

    def __init__(self, train: Interactions, config: UserKnnConfig) -> None:
        self.frequencies = signals.frequencies(train, config.half_life_days or float("inf"))
        self.nearest = NearestUsers(self.frequencies, config.neighbours)
        self._own_share = config.own_share
        self._popularity = POPULARITY_WEIGHT * signals.popularity(train)

    def score(self, rows: Int64Array) -> Float32Array:
        """Return ``(len(rows), n_items) float32``."""
        own = self.frequencies[rows] * self._own_share
        theirs = self.of_others(rows) * (1.0 - self._own_share)
        scores: Float32Array = sparse.csr_array(own + theirs).astype(np.float32).toarray()
        scores += self._popularity
        return scores

    def of_others(self, rows: Int64Array) -> sparse.csr_array:
        """Return the mean frequencies of the nearest of some users, ``(len(rows), n_items)``."""
        near = self.nearest.of(rows)
        total = np.asarray(near.sum(axis=1)).ravel()
        shares = near.multiply((1.0 / np.where(total > 0, total, 1.0))[:, None])
        return sparse.csr_array(sparse.csr_array(shares) @ self.frequencies)

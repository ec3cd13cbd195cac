"""Spectral graph filter (GF-CF, Shen et al. 2021): linear and low-pass, nothing is trained.

score(u) = r_u (G + a · D^(-1/2) V Vᵀ D^(1/2)), with r_u the user's row of ones, D the items'
degrees, R̃ the pairs over sqrt(|N_u| |N_i|), G = R̃ᵀR̃, and V the leading right singular vectors of R̃.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from engine.data.arrays import Float32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.model_options import Span, option
from engine.models import item_filter, spectral
from engine.models.confidence import confidences
from engine.models.encoder import Embeddings
from engine.models.item_filter import FilterConfig
from engine.models.normalised_adjacency import normalised


@dataclass(frozen=True)
class SpectralFilterConfig(FilterConfig):
    """Settings of the spectral graph filter."""

    factors: int = option(
        256, "singular vectors that are let pass", low=1, high=2048, tune=(64, 128, 256, 512)
    )
    low_pass: float = option(
        0.3, "weight a of the low-pass filter", low=0, high=100, tune=Span(0.0, 2.0)
    )
    served_by: str = option(
        "vectors",
        "what stands in the graph: vectors under an index, or edges between items",
        choices=("vectors", "edges"),
    )


class SpectralFilter:
    """Score by what passes two filters over the graph of items.

    Args:
        train: Events to learn from; a pair counts by its confidence, 1 unless it is set.
        config: Settings.
        generator: Draws the start of the randomised decomposition.
    """

    def __init__(
        self, train: Interactions, config: SpectralFilterConfig, generator: np.random.Generator
    ) -> None:
        self._seen = confidences(train, config)
        self._own = item_filter.own_items(train, config)
        self._pairs = normalised(train, config)
        self._columns = sparse.csr_array(self._pairs.T.tocsr())
        _, self._values, self._right = spectral.randomised_svd(
            self._pairs, config.factors, generator
        )
        degree = np.asarray(self._seen.sum(axis=0, dtype=np.float64)).ravel()
        self._root = np.sqrt(degree).astype(np.float32)
        weight = np.float32(config.low_pass)
        self._enters = self._right / np.where(self._root > 0, self._root, 1.0)[:, None]
        self._leaves = weight * self._right * self._root[:, None]

    def score(self, rows: Int64Array) -> Float32Array:
        """Return ``(len(rows), n_items) float32``."""
        own = self._own[rows]
        # Over the users: the table of all pairs of items is never made.
        scores: Float32Array = (own @ self._columns @ self._pairs).toarray()
        scores += (own @ self._enters) @ self._leaves.T
        return scores

    def item_edges(self, most: int) -> sparse.csr_array:
        """Return the ``most`` cells farthest from 0 of each row, ``(n_items, n_items) float32``."""

        def cells(rows: slice) -> Float32Array:
            found: Float32Array = (self._columns[rows] @ self._pairs).toarray()
            found += self._enters[rows] @ self._leaves.T
            return found

        return item_filter.by_blocks(self._pairs.shape[1], cells, most)

    def embeddings(self) -> Embeddings:
        """Return vectors of twice the factors whose inner products are near the scores.

        The low-pass part is exact; G is cut to the same singular vectors.
        """
        of_users = (self._seen @ (self._right * self._values), self._seen @ self._enters)
        of_items = (self._right * self._values, self._leaves)
        users, items = (np.hstack(parts).astype(np.float32) for parts in (of_users, of_items))
        return Embeddings(users, items)

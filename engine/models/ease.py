"""EASE (Steck 2019): the linear model of items by items, in closed form.

B minimises ||X - X B||² + λ ||B||² with a diagonal of zeros: with P = (XᵀX + λ I)⁻¹,
B_ij = -P_ij / P_jj, and score(u) = x_u B. P is dense and symmetric; one triangle of it is kept, and
inverted in place: 2 n² bytes, 0.8 GB for 20,000 items and 3.4 GB for 41,000.
"""

import logging
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from engine.data.arrays import Float32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.model_options import Span, option
from engine.errors import ModelError
from engine.models import item_filter
from engine.models.confidence import confidences
from engine.models.item_filter import FilterConfig
from engine.models.packed_symmetric import PackedSymmetric

_GIB = 2**30
_ROWS_PER_BLOCK = 2_048
_MANY_ITEMS = 10_000
_FLOPS = 5e10
"""Of two cores in float32, about: a Cholesky inverse takes n³ of them."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class EaseConfig(FilterConfig):
    """Settings of EASE."""

    l2: float = option(200.0, "λ, in events", low=1, high=1e6, tune=Span(1.0, 1e4, log=True))
    items: int = option(0, "how many of the most popular items it knows; 0: all", low=0)
    most_gib: float = option(4.0, "largest triangle of items by items, in GiB", low=0.001)


class Ease:
    """Score by a linear model of what the user had.

    Args:
        train: Events to learn from; a cell of X is the pair's confidence, 1 unless it is set.
        config: Settings.

    Raises:
        ModelError: The table of items by items would be larger than ``most_gib``.
    """

    def __init__(self, train: Interactions, config: EaseConfig) -> None:
        seen = confidences(train, config)
        self._n_items = train.n_items
        self._chosen = _most_popular(train, config.items)
        n = len(self._chosen)
        if 2 * n * n > config.most_gib * _GIB:
            raise ModelError(
                f"EASE of {n} items needs a table of {2 * n * n / _GIB:.1f} GiB",
                hint=f"--set items={int((config.most_gib * _GIB / 2) ** 0.5)} for the most popular "
                "ones, or a larger --set most_gib, or the model spectral-filter",
            )
        if warning := cost_warning(n):
            _LOG.warning(warning)
        self._seen = sparse.csr_array(seen[:, self._chosen])
        self._inverse = _inverse(self._seen, np.float32(config.l2))
        self._diagonal = self._inverse.diagonal()
        self._own = sparse.csr_array(item_filter.own_items(train, config)[:, self._chosen])

    def score(self, rows: Int64Array) -> Float32Array:
        """Return ``(len(rows), n_items) float32``; 0 for items it does not know."""
        own = self._own[rows]
        known = np.zeros((len(rows), len(self._chosen)), dtype=np.float32)
        items = np.unique(own.indices).astype(np.int64)
        for start in range(0, len(items), _ROWS_PER_BLOCK):
            some = items[start : start + _ROWS_PER_BLOCK]
            part: Float32Array = sparse.csr_array(own[:, some]) @ self._weights(some)
            known += part
        scores = np.zeros((len(rows), self._n_items), dtype=np.float32)
        scores[:, self._chosen] = known
        return scores

    def item_edges(self, most: int) -> sparse.csr_array:
        """Return the ``most`` weights of each row farthest from 0, ``(n_items, n_items)``."""
        known = item_filter.by_blocks(
            len(self._chosen), lambda rows: self._weights(np.arange(rows.start, rows.stop)), most
        )
        row = np.repeat(self._chosen, np.diff(known.indptr))
        cells = (known.data, (row, self._chosen[known.indices]))
        return sparse.csr_array(cells, shape=(self._n_items, self._n_items))

    def _weights(self, items: Int64Array) -> Float32Array:
        """Return rows of B, ``(len(items), n) float32``."""
        found = self._inverse.rows(items)
        found /= -self._diagonal[None, :]
        found[np.arange(len(items)), items] = 0.0
        return found


def cost_warning(n_items: int) -> str:
    """Return what so many items cost, or nothing where it is little."""
    if n_items <= _MANY_ITEMS:
        return ""
    minutes = max(1.0, n_items**3 / _FLOPS / 60)
    return (
        f"EASE of {n_items} items inverts a table of {2 * n_items**2 / _GIB:.1f} GiB, which takes "
        f"some {minutes:.0f} minutes of two cores; --set items={_MANY_ITEMS} keeps to the most "
        "popular ones, and the model chebyshev makes no such table"
    )


def _most_popular(train: Interactions, count: int) -> Int64Array:
    """Return rows of items, ascending; of two as popular the smaller id stays."""
    if not count or count >= train.n_items:
        return np.arange(train.n_items)
    popular: Int64Array = np.lexsort((train.items.order, -train.item_counts()))[:count]
    return np.sort(popular)


def _inverse(seen: sparse.csr_array, l2: np.float32) -> PackedSymmetric:
    """Return P = (XᵀX + λ I)⁻¹."""
    n = seen.shape[1]
    columns = sparse.csr_array(seen.T.tocsr())
    found = PackedSymmetric(n)
    for start in range(0, n, _ROWS_PER_BLOCK):
        block: Float32Array = (columns[start : start + _ROWS_PER_BLOCK] @ seen).toarray()
        own = np.arange(len(block))
        block[own, start + own] += l2
        found.set_rows(start, block)
    found.invert()
    return found

"""Item k-NN: score(u, i) = Σ over u's items j ≠ i of cos(i, j), the cosine of columns of users.

cos(i, j) = |U_i ∩ U_j| / sqrt(|U_i| |U_j|); with a ``confidence`` that counts weights, the cosine
of the columns of confidences, each of u's items counting by its own. By default every item is a
neighbour, which on sparse data is far stronger than keeping a few hundred: rare items crowd those
out.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from engine.data.arrays import Float32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.model_options import option
from engine.models import item_filter
from engine.models.confidence import BINARY, ConfidenceConfig, confidences
from engine.models.item_filter import FilterConfig

_ITEMS_PER_BLOCK = 4_096
_EQUAL_DECIMALS = 6


@dataclass(frozen=True)
class ItemKnnConfig(FilterConfig):
    """Settings of item k-NN."""

    neighbours: int = option(
        0, "nearest items kept per item; 0: all", low=0, tune=(0, 20, 50, 100, 200)
    )
    shrinkage: float = option(
        5.0,
        "shared users at which the cosine of an edge counts half, where lists are served by edges",
        low=0,
        tune=(0.0, 5.0, 20.0, 50.0),
    )


class ItemKnn:
    """Score by similarity to what the user had; an own item is not similar to itself.

    Args:
        train: Events to learn from; each pair counts once.
        neighbours: Nearest items kept per item; None: all of them.
        confidence: What weights mean.
    """

    def __init__(
        self,
        train: Interactions,
        neighbours: int | None = None,
        confidence: ConfidenceConfig = BINARY,
    ) -> None:
        self._seen = confidences(train, confidence)
        self._own = item_filter.own_items(train, confidence)
        own = confidence if isinstance(confidence, ItemKnnConfig) else ItemKnnConfig(shrinkage=0)
        self._shrinkage = np.float32(own.shrinkage)
        squares = np.asarray(self._seen.power(2).sum(axis=0)).ravel()
        scale = 1.0 / np.sqrt(np.where(squares > 0, squares, 1.0))
        self._unit = sparse.csr_array(self._seen.multiply(scale[None, :])).astype(np.float32)
        self._columns = self._unit.T.tocsr()
        self._similar = None if neighbours is None else self._nearest(neighbours)

    def score(self, rows: Int64Array) -> Float32Array:
        """Return ``(len(rows), n_items) float32``."""
        own = self._own[rows]
        dense: Float32Array
        if self._similar is not None:
            dense = (own @ self._similar.T).toarray()
            return dense
        # Over the users: the table of all pairs of items is never made.
        dense = (sparse.csr_array(own @ self._columns) @ self._unit).toarray()
        row = np.repeat(np.arange(len(rows)), np.diff(own.indptr))
        dense[row, own.indices] -= own.data
        return dense

    def item_edges(self, most: int) -> sparse.csr_array:
        """Return the strongest cos(i, j) · n / (n + shrinkage), n the users that share both.

        Few edges are kept of each item, and a cosine of 1 of two items that one user had must not
        take the place of those that many share.

        Args:
            most: Cells kept of a row.

        Returns:
            ``(n_items, n_items) float32``.
        """
        nearest = None if self._similar is None else sparse.csr_array(self._similar.T.tocsr())
        pairs = self._seen.sign()
        users = sparse.csr_array(pairs.T.tocsr())

        def cells(rows: slice) -> sparse.csr_array:
            found = self._columns[rows] @ self._unit if nearest is None else nearest[rows]
            if not self._shrinkage:
                return sparse.csr_array(found)
            row = np.repeat(np.arange(found.shape[0]), np.diff(found.indptr))
            shared = (users[rows] @ pairs).toarray()[row, found.indices]
            data = found.data * (shared / (shared + self._shrinkage))
            return sparse.csr_array((data, found.indices, found.indptr), found.shape)

        return item_filter.by_blocks(self._columns.shape[0], cells, most)

    def _nearest(self, neighbours: int) -> sparse.csr_array:
        counts = np.diff(self._columns.indptr)
        blocks = [
            _largest(
                sparse.csr_array(self._columns[start : start + _ITEMS_PER_BLOCK] @ self._unit),
                start,
                neighbours,
                counts,
            )
            for start in range(0, self._seen.shape[1], _ITEMS_PER_BLOCK)
        ]
        return sparse.csr_array(sparse.vstack(blocks, format="csr"))


def _largest(
    block: sparse.csr_array, first_item: int, neighbours: int, counts: Int64Array
) -> sparse.csr_array:
    """Keep the largest ``neighbours`` cells of each row, the item itself left out.

    Of equal ones the item that more users had comes first, then the smaller id.
    """
    row = np.repeat(np.arange(block.shape[0]), np.diff(block.indptr))
    other = block.indices != row + first_item
    row, column, value = row[other], block.indices[other], block.data[other]
    # Cosines that are equal may differ in their last bits.
    order = np.lexsort((column, -counts[column], -value.round(_EQUAL_DECIMALS), row))
    row, column, value = row[order], column[order], value[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row, side="left")
    keep = rank < neighbours
    return sparse.csr_array((value[keep], (row[keep], column[keep])), shape=block.shape)

"""Item-item LightGCN: vectors for items alone; a user is the sum of the items it had.

e_i^(k) = Σ_{u in N_i} 1/(|N_i|^r |N_u|^(1-r)) Σ_{j in N_u} 1/(|N_u|^r |N_j|^(1-r)) e_j^(k-2), and
e_i the mean of the even layers. r = 1/2 is LightGCN's own weight, r = 1 a mean of means, r = 0
favours what many have. A user's vector is z_u = Σ_{i in N_u} z_i brought to unit length, or over
sqrt(|N_u|) where scores are dot products, so a user who was never trained on needs no training.
With a ``confidence`` that counts weights each term of a sum over neighbours counts by its c, and
the sums of c stand in the places of |N|; a user's own vector is the sum of c z_i.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy import sparse
from torch.nn import functional as F

from engine.data.arrays import Float32Array, Float64Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.model_options import Span, option
from engine.errors import UsageError
from engine.models.collaborative import (
    VectorConfig,
    compared,
    first_item_vectors,
    has_events,
    rows_of,
    squared_length,
)
from engine.models.confidence import COUNTED_ONCE, ConfidenceConfig, confidences
from engine.models.encoder import Batch, Embeddings, Loss
from engine.models.propagation import Transposed, multiply
from engine.models.tensors import array, tensor
from engine.models.vector_tables import WHOLE, VectorTables


@dataclass(frozen=True)
class ItemLightGCNConfig(ConfidenceConfig, VectorConfig):
    """Settings of item-item LightGCN."""

    layers: int = option(2, "hops from item to item", low=0, high=10, tune=Span(1, 4))
    r: float = option(
        0.5, "exponent of the receiving node's degree", low=0, high=1, tune=Span(0.0, 1.0)
    )
    leave_out: bool = option(True, "in training, compare an item with the user's other items")


class ItemLightGCN:
    """Item vectors smoothed over items had by the same users.

    Args:
        train: Events the graph is built from; nothing else is ever seen.
        config: Settings.
        generator: Draws the first vectors.
        tables: Where their rows lie.
    """

    def __init__(
        self,
        train: Interactions,
        config: ItemLightGCNConfig,
        generator: np.random.Generator,
        tables: VectorTables = WHOLE,
    ) -> None:
        self.config, self._tables = config, tables
        pairs = confidences(train, config)
        to_items, to_users = _weighed(sparse.csr_array(pairs.T.tocsr()), pairs, config.r)
        self._to_items = Transposed(tables.matrix(sparse.csr_array(to_items.T.tocsr())))
        self._to_users = tables.matrix(to_users)
        self._pairs, self._had = pairs, tables.matrix(pairs)
        counts = tensor(_degrees(pairs).astype(np.float32))[:, None]
        self._roots = counts.clamp(min=1).sqrt()
        self._known = has_events(train.item, train.n_items)
        self._vectors = tables.trained(
            "items", config.dimension, lambda: first_item_vectors(train, config, generator)
        )

    def fit_step(self, batch: Batch, loss: Loss) -> torch.Tensor:
        """Return the loss of a batch plus l2 on the first vectors of its items."""
        rows, vectors = self._tables.by_row, self._items()
        items = rows(vectors, "items")
        positives = items.index_select(0, batch.positives)
        summed = rows(multiply(self._had, vectors), "users").index_select(0, batch.users)
        if self.config.leave_out:
            summed = summed - self._own(batch, positives)
        users = self._user(summed, self._roots.index_select(0, batch.users))
        own = batch.own_negatives
        unwanted = None if own is None else items.index_select(0, own.items)
        others = rows_of(items, batch.negatives)
        value = loss(compared(users, positives, others, batch, unwanted=unwanted))
        if self.config.l2:
            squares = self.config.l2 * squared_length(rows(self._vectors, "items"), batch.positives)
            value = value + squares / (2 * len(batch.users))
        return value

    def encode(self) -> Embeddings:
        """Return the items' vectors and the sums that are the users'; zeros without events."""
        with torch.no_grad():
            items = self._items() * self._known
            users = self._user(multiply(self._had, items), self._roots)
        return Embeddings(array(users), array(items))

    def fold_in(self, items: Sequence[Int64Array]) -> Float32Array:
        """Return the vectors of users by what each of them had, trained on or not.

        Args:
            items: Rows of items of each user; a row counts once.

        Returns:
            ``(len(items), d) float32``; zeros for a user without a known item.

        Raises:
            UsageError: There is no item of such a row.
        """
        n_items = len(self._vectors)
        rows = [np.unique(np.asarray(one, dtype=np.int64)) for one in items]
        if any(len(one) and not 0 <= one[0] <= one[-1] < n_items for one in rows):
            raise UsageError(f"items are rows from 0 to {n_items - 1}")
        lengths = np.array([len(one) for one in rows], dtype=np.int64)
        indptr = np.concatenate(([0], lengths.cumsum()))
        columns = np.concatenate(rows) if rows else np.empty(0, dtype=np.int64)
        had = sparse.csr_array(
            (np.ones(len(columns), dtype=np.float32), columns, indptr), shape=(len(rows), n_items)
        )
        roots = tensor(np.sqrt(np.maximum(lengths, 1)).astype(np.float32))[:, None]
        with torch.no_grad():
            summed = tensor(had @ array(self._items() * self._known))
            vectors: Float32Array = array(self._user(summed, roots))
        return vectors

    def state(self) -> dict[str, torch.Tensor]:
        """Return the first-layer vectors of the items."""
        return {"vectors": self._vectors}

    def _own(self, batch: Batch, positives: torch.Tensor) -> torch.Tensor:
        """Return what each positive adds to its user's sum, ``(n, d)``."""
        if self.config.confidence in COUNTED_ONCE:
            return positives
        found = self._pairs[array(batch.users).copy(), array(batch.positives).copy()]
        return tensor(np.asarray(found, dtype=np.float32).ravel())[:, None] * positives

    def _items(self) -> torch.Tensor:
        layer = total = self._vectors
        for _ in range(self.config.layers):
            layer = multiply(self._to_items, multiply(self._to_users, layer))
            total = total + layer
        mean = total / (self.config.layers + 1)
        return F.normalize(mean, dim=1) if self.config.scoring == "cosine" else mean

    def _user(self, summed: torch.Tensor, roots: torch.Tensor) -> torch.Tensor:
        return F.normalize(summed, dim=1) if self.config.scoring == "cosine" else summed / roots


def _weighed(
    of_items: sparse.csr_array, of_users: sparse.csr_array, r: float
) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Return the weights from users to items and from items to users."""
    item, user = _degrees(of_items), _degrees(of_users)
    pairs = ((of_items, item, user), (of_users, user, item))
    weighed = []
    for matrix, target_degree, source_degree in pairs:
        row = np.repeat(np.arange(len(target_degree)), np.diff(matrix.indptr))
        data = matrix.data * target_degree[row] ** -r * source_degree[matrix.indices] ** -(1.0 - r)
        parts = (data.astype(np.float32), matrix.indices, matrix.indptr)
        weighed.append(sparse.csr_array(parts, shape=matrix.shape))
    return weighed[0], weighed[1]


def _degrees(matrix: sparse.csr_array) -> Float64Array:
    """Return the sums of the rows; 1 of an empty one."""
    sums = np.asarray(matrix.sum(axis=1), dtype=np.float64)
    result: Float64Array = np.where(sums > 0, sums, 1.0)
    return result

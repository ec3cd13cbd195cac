"""Vector tables: where the rows of what a model trains lie, in this process or in several.

A model names a row by its number among all, whoever holds it, and computes with the rows that lie
here. ``WHOLE`` is one process, which holds them all; ``engine/training/processes`` has the other.
"""

from collections.abc import Callable
from typing import Literal, Protocol

import torch
from scipy import sparse
from torch.nn import functional as F

from engine.data.interactions import Interactions
from engine.models.confidence import ConfidenceConfig
from engine.models.propagation import Adjacency, Linear, SparseMatrix

RowsOf = Literal["nodes", "users", "items"]
"""Of what there is a row for each: nodes are users, then items, then entities."""


class RowLookup(Protocol):
    """Vectors by the number of their row among all; a tensor is one."""

    def index_select(self, dim: int, index: torch.Tensor, /) -> torch.Tensor:
        """Return the vectors of some rows; ``dim`` is 0."""


class VectorTables(Protocol):
    """How a model's tables lie."""

    def trained(self, of: RowsOf, dimension: int, draw: Callable[[], torch.Tensor]) -> torch.Tensor:
        """Return the rows of a trained table that lie here; ``draw`` makes all of them."""

    def by_row(self, vectors: torch.Tensor, of: RowsOf) -> RowLookup:
        """Return a lookup by row among all, differentiable in ``vectors``, which lie here."""

    def matrix(self, matrix: sparse.csr_array) -> Linear:
        """Return ``(n_users, n_items)`` as a function of items that lie here to such users."""

    def adjacency(self, train: Interactions, confidence: ConfidenceConfig) -> Linear:
        """Return the normalised adjacency as a function of nodes that lie here."""


class SparseRows:
    """Rows of a trained table; its gradient names those that were looked up, and holds no others.

    Args:
        table: ``(n, d)``, a leaf of the graph of computation.
    """

    def __init__(self, table: torch.Tensor) -> None:
        self._table = table

    def index_select(self, dim: int, index: torch.Tensor, /) -> torch.Tensor:
        """Return the vectors of some rows."""
        return F.embedding(index, self._table, sparse=True)


class _Whole:
    """Every table lies in this process.

    Args:
        sparse: Whether gradients of tables are sparse.
    """

    def __init__(self, *, sparse: bool) -> None:
        self._sparse = sparse

    def trained(self, of: RowsOf, dimension: int, draw: Callable[[], torch.Tensor]) -> torch.Tensor:
        return draw().requires_grad_()

    def by_row(self, vectors: torch.Tensor, of: RowsOf) -> RowLookup:
        return SparseRows(vectors) if self._sparse and vectors.is_leaf else vectors

    def matrix(self, matrix: sparse.csr_array) -> Linear:
        return SparseMatrix(matrix)

    def adjacency(self, train: Interactions, confidence: ConfidenceConfig) -> Linear:
        return Adjacency(train, confidence=confidence)


WHOLE: VectorTables = _Whole(sparse=False)
WHOLE_SPARSE: VectorTables = _Whole(sparse=True)
"""For a model that only looks rows of its tables up: ``sparse-adam`` moves these alone."""

"""Sharded tables: each process holds a stretch of rows, and asks the others for what it lacks.

At a step a process names the rows that its part of the batch touches. Their numbers go to who holds
them, the rows come back, and in the backward pass so do their gradients: three calls of
``all_to_all_single`` for the rows and one for the gradients, whatever the model does with them.
Adam's moments lie where the rows lie. Gradients of one row are added in the order of the processes,
so a training gives the same bits every time.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from scipy import sparse

from engine.data.interactions import Interactions
from engine.models.confidence import ConfidenceConfig
from engine.models.normalised_adjacency import normalised
from engine.models.propagation import Linear
from engine.models.vector_tables import RowLookup, RowsOf
from engine.training.processes.gloo_group import GlooGroup
from engine.training.processes.row_shares import RowShares
from engine.training.processes.shared_users import MatrixOfOwnUsers, ShardedAdjacency

Layouts = Mapping[RowsOf, RowShares]


class RowExchange:
    """The rows that this process asks for at a step, and those that are asked of it.

    Args:
        rows: ``(n,) int64`` rows among all, in any order, however often.
        shares: Which process holds them.
        group: The processes.

    Attributes:
        rows: Those asked for, ascending, each once.
    """

    def __init__(self, rows: torch.Tensor, shares: RowShares, group: GlooGroup) -> None:
        self._group = group
        self.rows = torch.unique(rows)
        owner, place = shares.place(self.rows)
        self._order = torch.argsort(owner, stable=True)
        self._wanted = torch.bincount(owner, minlength=group.size).tolist()
        self._asked = group.exchange_counts(self._wanted)
        self._places = group.exchange(place[self._order], self._wanted, self._asked)

    def fetch(self, held: torch.Tensor) -> torch.Tensor:
        """Return the vectors of ``rows``, given those that lie here."""
        asked = held.index_select(0, self._places)
        taken = self._group.exchange(asked, self._asked, self._wanted)
        return torch.empty_like(taken).index_copy_(0, self._order, taken)

    def give_back(self, gradients: torch.Tensor, n_held: int, *, sparse: bool) -> torch.Tensor:
        """Return the gradients of what lies here, ``(n_held, d)``, given those of ``rows``."""
        own = gradients.index_select(0, self._order)
        taken = self._group.exchange(own, self._wanted, self._asked)
        shape = (n_held, taken.shape[1])
        if sparse:
            return torch.sparse_coo_tensor(self._places[None], taken, shape, check_invariants=False)
        return taken.new_zeros(shape).index_add_(0, self._places, taken)


class _Fetch(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, held: torch.Tensor, exchange: RowExchange, sparse: bool) -> torch.Tensor:
        ctx.exchange, ctx.n_held, ctx.sparse = exchange, len(held), sparse
        return exchange.fetch(held)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        back = ctx.exchange.give_back(gradients[0], ctx.n_held, sparse=ctx.sparse)
        return back, None, None


class FetchedRows:
    """The rows of one step as a lookup by row among all."""

    def __init__(self, rows: torch.Tensor, vectors: torch.Tensor) -> None:
        self._rows, self._vectors = rows, vectors

    def index_select(self, dim: int, index: torch.Tensor, /) -> torch.Tensor:
        """Return the vectors of some of the rows."""
        return self._vectors.index_select(dim, torch.searchsorted(self._rows, index))


class ShardedTables:
    """The tables of one model in this process.

    Args:
        layouts: Who holds which nodes, users and items.
        group: The processes.
        sparse: Whether gradients of tables are sparse.
    """

    def __init__(self, layouts: Layouts, group: GlooGroup, *, sparse: bool = False) -> None:
        self.layouts, self._group, self._sparse = layouts, group, sparse
        self._made: list[tuple[torch.Tensor, RowsOf]] = []
        self._touched: Mapping[RowsOf, torch.Tensor] = {}
        self._exchanges: dict[RowsOf, RowExchange] = {}
        self._fetched: dict[tuple[int, RowsOf], tuple[torch.Tensor, RowLookup]] = {}

    def layout_of(self, one: torch.Tensor) -> RowsOf | None:
        """Return of what a tensor has the rows; None of one that every process has whole."""
        return next((of for made, of in self._made if made is one), None)

    def begin_step(self, touched: Mapping[RowsOf, torch.Tensor]) -> None:
        """Name the rows that the next step looks up."""
        self._touched, self._exchanges, self._fetched = touched, {}, {}

    def trained(self, of: RowsOf, dimension: int, draw: Callable[[], torch.Tensor]) -> torch.Tensor:
        """Return room for the rows of a table that lie here; what they begin with comes later."""
        held = sum(self.layouts[of].lengths(self._group.rank))
        made = torch.zeros((held, dimension), requires_grad=True)
        self._made.append((made, of))
        return made

    def by_row(self, vectors: torch.Tensor, of: RowsOf) -> RowLookup:
        """Return a lookup of the rows that the step named."""
        key = id(vectors), of
        if key not in self._fetched:
            if of not in self._exchanges:
                rows = self._touched[of]
                self._exchanges[of] = RowExchange(rows, self.layouts[of], self._group)
            exchange = self._exchanges[of]
            sparse = self._sparse and vectors.is_leaf
            found: torch.Tensor = _Fetch.apply(vectors, exchange, sparse)
            # What the key is the identity of lives as long as the key.
            self._fetched[key] = vectors, FetchedRows(exchange.rows, found)
        return self._fetched[key][1]

    def matrix(self, matrix: sparse.csr_array) -> Linear:
        """Return a matrix ``(n_users, n_items)`` from items that lie here to users that do."""
        return MatrixOfOwnUsers(matrix, self.layouts["items"], self.layouts["users"], self._group)

    def adjacency(self, train: Interactions, confidence: ConfidenceConfig) -> Linear:
        """Return the normalised adjacency of nodes that lie here."""
        n_users = len(self.layouts["users"].stretch(0, self._group.rank))
        return ShardedAdjacency(self.matrix(normalised(train, confidence)), n_users)

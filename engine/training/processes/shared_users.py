"""Products with a matrix of users and items of which each process has its users' rows.

A process makes its users from all items, and gives the items what its users add to them: items are
gathered for the one product and summed where they lie for the other, users never leave. Both are
linear, and each is the other's transpose: so is the backward pass, an exchange as the forward one.
"""

import torch
from scipy import sparse

from engine.models.propagation import Linear, SparseMatrix
from engine.training.processes.gloo_group import GlooGroup
from engine.training.processes.row_shares import RowShares


class MatrixOfOwnUsers:
    """The rows of a matrix whose users lie here.

    Args:
        matrix: ``(n_users, n_items)``, of all users.
        items: Who holds which items.
        users: Who holds which users.
        group: The processes.
    """

    def __init__(
        self, matrix: sparse.csr_array, items: RowShares, users: RowShares, group: GlooGroup
    ) -> None:
        own = users.stretch(0, group.rank)
        self._rows = SparseMatrix(matrix[own.start : own.stop].tocsr())
        self._group = group
        self._lengths = [len(items.stretch(0, rank)) for rank in range(group.size)]

    def times(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return the users that lie here, given the items that do."""
        here = [len(vectors)] * self._group.size
        copies = vectors.repeat(self._group.size, 1)
        return self._rows.times(self._group.exchange(copies, here, self._lengths))

    def transposed_times(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return the items that lie here, given the users that do."""
        held = self._lengths[self._group.rank]
        parts = self._rows.transposed_times(vectors)
        taken = self._group.exchange(parts, self._lengths, [held] * self._group.size)
        # In the order of the processes: the same bits every time.
        return taken.reshape(self._group.size, held, vectors.shape[1]).sum(dim=0)


class ShardedAdjacency:
    """Â of a bipartite graph, for the users and items that lie here.

    Args:
        to_users: From items to users.
        n_users: Users that lie here.
    """

    def __init__(self, to_users: Linear, n_users: int) -> None:
        self._to_users, self._n_users = to_users, n_users

    def times(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return Â · vectors; rows are the users that lie here, then the items."""
        users, items = vectors[: self._n_users], vectors[self._n_users :]
        return torch.cat((self._to_users.times(items), self._to_users.transposed_times(users)))

    def transposed_times(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return Â · vectors: Â is symmetric."""
        return self.times(vectors)

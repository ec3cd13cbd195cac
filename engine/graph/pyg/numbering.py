"""Numbering: the nodes of a subgraph in the order they were reached."""

import numpy as np

from engine.data.arrays import Int64Array


class Numbering:
    """Rows of one node type, each with its place in the subgraph: the seeds first, then by hop.

    Attributes:
        rows: ``(n,) int64`` by place.
        sizes: Nodes that the seeds and each hop brought.
    """

    def __init__(self) -> None:
        self.rows: Int64Array = np.empty(0, dtype=np.int64)
        self.sizes: list[int] = [0]
        self._sorted: Int64Array = self.rows
        self._place: Int64Array = self.rows
        self._from = 0

    def begin(self, seeds: Int64Array) -> None:
        """Take the seeds in their order; one that stands twice has two places, the first counts."""
        self.rows = seeds
        self._sorted, self._place = np.unique(seeds, return_index=True)
        self.sizes = [len(seeds)]

    def newest(self) -> Int64Array:
        """Return what the last hop (or the seeds) brought."""
        return self.rows[self._from :]

    def add(self, rows: Int64Array) -> Int64Array:
        """Return the place of each row, new ones after all others."""
        unique, back = np.unique(rows, return_inverse=True)
        at = np.searchsorted(self._sorted, unique)
        here = np.zeros(len(unique), dtype=bool)
        inside = at < len(self._sorted)
        here[inside] = self._sorted[at[inside]] == unique[inside]
        new = unique[~here]
        place = np.empty(len(unique), dtype=np.int64)
        place[here] = self._place[at[here]]
        place[~here] = np.arange(len(self.rows), len(self.rows) + len(new))
        if len(new):
            self.rows = np.concatenate([self.rows, new])
            self._sorted = np.insert(self._sorted, at[~here], new)
            self._place = np.insert(self._place, at[~here], place[~here])
        found: Int64Array = place[back]
        return found

    def end_hop(self) -> None:
        """Count what the hop brought."""
        self._from = sum(self.sizes)
        self.sizes.append(len(self.rows) - self._from)

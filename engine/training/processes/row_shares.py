"""Row shares: which process holds which rows.

Of users, of items and of entities each process holds a stretch, as many rows as any other; the last
one may hold fewer. What lies in a process is its users, then its items, then its entities.
"""

from dataclasses import dataclass

import numpy as np
import torch

from engine.models.tensors import tensor


@dataclass(frozen=True)
class RowShares:
    """The rows of one table.

    Attributes:
        counts: Rows of each label, such as users and items, all processes together.
        size: Processes.
    """

    counts: tuple[int, ...]
    size: int

    @property
    def n_rows(self) -> int:
        """Rows of all processes."""
        return sum(self.counts)

    def stretch(self, label: int, rank: int) -> range:
        """Return which rows of a label, counted within it, a process holds."""
        most = self._most(label)
        count = self.counts[label]
        return range(min(rank * most, count), min((rank + 1) * most, count))

    def lengths(self, rank: int) -> list[int]:
        """Return how many rows of each label a process holds."""
        return [len(self.stretch(label, rank)) for label in range(len(self.counts))]

    def stretches(self, rank: int) -> list[slice]:
        """Return the rows among all that a process holds, a slice for each label."""
        starts = np.cumsum((0, *self.counts)).tolist()
        held = (self.stretch(label, rank) for label in range(len(self.counts)))
        return [
            slice(start + one.start, start + one.stop)
            for start, one in zip(starts, held, strict=False)
        ]

    def place(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return which process holds each row, and at which of its own rows.

        Args:
            rows: ``(n,) int64`` rows among all.
        """
        labels = len(self.counts)
        starts = tensor(np.cumsum((0, *self.counts))[:-1].astype(np.int64))
        most = tensor(np.array([self._most(label) for label in range(labels)], dtype=np.int64))
        lengths = np.array([self.lengths(rank) for rank in range(self.size)], dtype=np.int64)
        before = tensor(np.cumsum(lengths, axis=1) - lengths)
        label = torch.bucketize(rows, starts[1:], right=True)
        within = rows - starts[label]
        owner = within // most[label]
        return owner, within - owner * most[label] + before[owner, label]

    def _most(self, label: int) -> int:
        return max(1, -(-self.counts[label] // self.size))

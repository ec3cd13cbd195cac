"""Visited: the most visited neighbours of every item as edges with weights."""

from dataclasses import dataclass

import torch

from engine.data.walking.visit_counts import VisitCounts
from engine.models.neighbourhood import NeighbourBlock, numbered, starts_of
from engine.models.tensors import tensor


@dataclass(frozen=True)
class WeightedNeighbours:
    """Edges from visited neighbours to items, with the weight of each.

    Attributes:
        block: The edges.
        shares: ``(m,)`` in the order of the block's edges; those of a target sum to 1.
    """

    block: NeighbourBlock
    shares: torch.Tensor


class VisitedNeighbours:
    """The neighbours of every item by visit counts.

    Args:
        counts: Of all items, as many neighbours as are used.
    """

    def __init__(self, counts: VisitCounts) -> None:
        self._neighbours = tensor(counts.neighbours).long()
        self._shares = tensor(counts.weights)

    def __len__(self) -> int:
        return len(self._neighbours)

    def of(self, nodes: torch.Tensor) -> tuple[WeightedNeighbours, torch.Tensor]:
        """Return the weighted neighbours of some items.

        Args:
            nodes: ``(n,)`` rows, each once; the targets.

        Returns:
            The edges, and the item behind every source: ``nodes`` first, each item once.
        """
        rows = self._neighbours[nodes]
        there = rows >= 0
        place, sources = numbered(nodes, rows[there], len(self))
        block = NeighbourBlock(starts_of(there.sum(dim=1)), place, len(sources))
        return WeightedNeighbours(block, self._shares[nodes][there]), sources

    @staticmethod
    def beside(counts: VisitCounts, known: int) -> WeightedNeighbours:
        """Return the neighbours of new items, the first sources, among ``known`` others."""
        rows = tensor(counts.neighbours).long()
        there, n = rows >= 0, len(rows)
        block = NeighbourBlock(starts_of(there.sum(dim=1)), rows[there] + n, n + known)
        return WeightedNeighbours(block, tensor(counts.weights)[there])

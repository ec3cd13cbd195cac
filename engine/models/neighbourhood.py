"""Neighbourhoods: which nodes send messages to which, all of them or a sample."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from scipy import sparse

from engine.data.interactions import Interactions
from engine.models.confidence import BINARY, COUNTED_ONCE, ThresholdConfig, confidences
from engine.models.propagation import compressed
from engine.models.tensors import tensor

_EDGES_PER_BLOCK = 262_144


@dataclass(frozen=True, eq=False)
class NeighbourBlock:
    """Edges from sources to targets, by target. The first sources are the targets themselves.

    Attributes:
        indptr: ``(n_targets + 1,) int64``; target t's neighbours are
            ``indices[indptr[t]:indptr[t + 1]]``.
        indices: ``(m,) int64`` positions of sources.
        n_sources: How many sources there are.
        weights: ``(m,)`` how much each edge counts in a mean; None: all alike.
        degrees: ``(n_sources,)`` what the edges of every source count together in the whole graph,
            of which a block may hold a sample; None where no layer asks for it.
    """

    indptr: torch.Tensor
    indices: torch.Tensor
    n_sources: int
    weights: torch.Tensor | None = None
    degrees: torch.Tensor | None = None

    @property
    def n_targets(self) -> int:
        """Number of target nodes."""
        return len(self.indptr) - 1

    @cached_property
    def lengths(self) -> torch.Tensor:
        """Neighbours of each target, ``(n_targets,) int64``."""
        return self.indptr.diff()

    @cached_property
    def targets(self) -> torch.Tensor:
        """The target of every edge, ``(m,) int64``, ascending."""
        # A backward pass may run in a thread of the GPU's own, where no default device is set.
        everyone = torch.arange(self.n_targets, device=self.indptr.device)
        return torch.repeat_interleave(everyone, self.lengths)

    @cached_property
    def by_source(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The edges in order of their sources ``(m,)``, and where each source's begin."""
        counts = torch.bincount(self.indices, minlength=self.n_sources)
        return torch.argsort(self.indices, stable=True), starts_of(counts)

    @cached_property
    def with_loops(self) -> "NeighbourBlock":
        """The same edges, and before those of each target one from itself."""
        loops = torch.arange(self.n_targets)
        order = torch.argsort(torch.cat((loops, self.targets)), stable=True)
        indptr = self.indptr + torch.arange(self.n_targets + 1)
        return NeighbourBlock(indptr, torch.cat((loops, self.indices))[order], self.n_sources)


class Neighbourhood:
    """The user-item graph as rows of neighbours; users come first.

    Attributes:
        degrees: ``(n,) float32`` what the edges of every node count together.

    Args:
        train: The only events the graph is made of; a pair is one edge.
        confidence: What weights mean: how much an edge counts in a mean.
    """

    def __init__(self, train: Interactions, confidence: ThresholdConfig = BINARY) -> None:
        pairs = confidences(train, confidence)
        both = sparse.csr_array(sparse.block_array([[None, pairs], [pairs.T, None]], format="csr"))
        self._indptr = tensor(both.indptr.astype(np.int64))
        self._indices = tensor(both.indices.astype(np.int64))
        counted = confidence.confidence not in COUNTED_ONCE
        self._weights = tensor(both.data.astype(np.float32)) if counted else None
        counts = np.asarray(both.sum(axis=1)) if counted else np.diff(both.indptr)
        self.degrees = tensor(counts.astype(np.float32))

    def __len__(self) -> int:
        return len(self._indptr) - 1

    @cached_property
    def whole(self) -> NeighbourBlock:
        """Every node with all its neighbours."""
        return NeighbourBlock(self._indptr, self._indices, len(self), self._weights, self.degrees)

    def sampled(
        self, nodes: torch.Tensor, most: int, draw: torch.Generator
    ) -> tuple[NeighbourBlock, torch.Tensor]:
        """Return some neighbours of each of ``nodes``, without replacement, in random order.

        Args:
            nodes: ``(n,) int64``, each once; the targets.
            most: Neighbours per node at most; 0: all.
            draw: Draws them.

        Returns:
            The block, and the node behind every source: ``nodes`` first.
        """
        lengths = self._indptr.diff()[nodes]
        indptr = starts_of(lengths)
        target = torch.repeat_interleave(torch.arange(len(nodes)), lengths)
        rank = torch.arange(len(target)) - indptr[target]
        drawn = torch.rand(len(target), generator=draw, dtype=torch.float64, device="cpu")
        key = target + drawn.to(target.device)
        edges = (self._indptr[nodes][target] + rank)[torch.argsort(key)]
        if most:
            edges, lengths = edges[rank < most], lengths.clamp(max=most)
            indptr = starts_of(lengths)
        place, sources = numbered(nodes, self._indices[edges], len(self))
        weights = None if self._weights is None else self._weights[edges]
        degrees = self.degrees[sources]
        return NeighbourBlock(indptr, place, len(sources), weights, degrees), sources


def numbered(
    nodes: torch.Tensor, neighbours: torch.Tensor, count: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Number the sources of a block: the targets first, then their other neighbours.

    Args:
        nodes: ``(n,)`` targets, each once.
        neighbours: ``(m,)`` the node behind every edge.
        count: How many nodes there are.

    Returns:
        The position of every edge's source ``(m,)``, and the node behind every position.
    """
    place = torch.full((count,), -1)
    place[nodes] = torch.arange(len(nodes))
    more = torch.unique(neighbours[place[neighbours] < 0])
    place[more] = torch.arange(len(nodes), len(nodes) + len(more))
    return place[neighbours], torch.cat((nodes, more))


def starts_of(counts: torch.Tensor) -> torch.Tensor:
    """Return where each of some rows begins, ``(n + 1,) int64``, from their lengths."""
    return torch.cat((counts.new_zeros(1), counts.cumsum(0)))


def block_of(
    target: torch.Tensor, source: torch.Tensor, n_targets: int, n_sources: int
) -> NeighbourBlock:
    """Return the block of edges in any order; those of a target keep theirs."""
    order = torch.argsort(target, stable=True)
    counts = torch.bincount(target, minlength=n_targets)
    return NeighbourBlock(starts_of(counts), source[order], n_sources)


def weighted_sum(
    weights: torch.Tensor, vectors: torch.Tensor, block: NeighbourBlock
) -> torch.Tensor:
    """Return Σ over a target's edges of weight · source vector; differentiable in both.

    A row per edge is never kept, neither forward nor backward.

    Args:
        weights: ``(m,)``.
        vectors: ``(n_sources, d)``.
        block: The edges.

    Returns:
        ``(n_targets, d)``.
    """
    result: torch.Tensor = _WeightedSum.apply(weights, vectors, block)
    return result


class _WeightedSum(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, weights: torch.Tensor, vectors: torch.Tensor, block: NeighbourBlock
    ) -> torch.Tensor:
        ctx.block = block
        ctx.save_for_backward(weights, vectors)
        shape = (block.n_targets, block.n_sources)
        return compressed(block.indptr, block.indices, weights.detach(), shape) @ vectors

    @staticmethod
    def backward(
        ctx: Any, *gradients: torch.Tensor
    ) -> tuple[torch.Tensor | None, torch.Tensor | None, None]:
        weights, vectors = ctx.saved_tensors
        block, gradient = ctx.block, gradients[0].contiguous()
        of_weights = of_vectors = None
        if ctx.needs_input_grad[0]:
            of_weights = _agreement(gradient, vectors, block)
        if ctx.needs_input_grad[1]:
            order, starts = block.by_source
            shape = (block.n_sources, block.n_targets)
            transposed = compressed(starts, block.targets[order], weights[order], shape)
            of_vectors = transposed @ gradient
        return of_weights, of_vectors, None


def _agreement(left: torch.Tensor, right: torch.Tensor, block: NeighbourBlock) -> torch.Tensor:
    """Return the inner product of target and source along every edge, ``(m,)``."""
    parts = []
    for start in range(0, len(block.indices), _EDGES_PER_BLOCK):
        edges = slice(start, start + _EDGES_PER_BLOCK)
        target, source = block.targets[edges], block.indices[edges]
        parts.append((left.index_select(0, target) * right.index_select(0, source)).sum(dim=1))
    return torch.cat(parts) if parts else left.new_zeros(0)

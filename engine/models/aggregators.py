"""Aggregators: one vector from the vectors of a node's neighbours, however many they are.

Each takes the vectors of a block's sources, ``(n_sources, d)``, and returns ``(n_targets, d)``;
a node without neighbours gets zeros.
"""

from typing import Protocol

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from engine.models.initialization import xavier_uniform
from engine.models.neighbourhood import NeighbourBlock, weighted_sum
from engine.models.tensors import tensor


class Aggregator(Protocol):
    """Reduces the messages of each target's neighbours to one vector."""

    ordered: bool
    """Whether the order of the messages counts; they must then come in random order."""

    def __call__(self, vectors: torch.Tensor, block: NeighbourBlock) -> torch.Tensor:
        """Return ``(n_targets, d)``."""

    def state(self) -> dict[str, torch.Tensor]:
        """Return the trained tensors by name."""


class Mean:
    """The mean of the messages, by the weights of the edges where they have any."""

    ordered = False

    def __call__(self, vectors: torch.Tensor, block: NeighbourBlock) -> torch.Tensor:
        """Return ``(n_targets, d)``."""
        if block.weights is None:
            share = 1.0 / block.lengths.to(vectors.dtype)
            return weighted_sum(share[block.targets], vectors, block)
        weights = block.weights.to(vectors.dtype)
        total = vectors.new_zeros(block.n_targets).index_add(0, block.targets, weights)
        return weighted_sum(weights / total[block.targets], vectors, block)

    def state(self) -> dict[str, torch.Tensor]:
        """Return nothing: a mean has no weights."""
        return {}


def maximum(vectors: torch.Tensor, block: NeighbourBlock) -> torch.Tensor:
    """Return the element-wise maximum over each target's neighbours; no vector may be negative."""
    messages = vectors.index_select(0, block.indices)
    # Messages are not negative, so a maximum that starts at 0 is theirs.
    return torch.segment_reduce(messages, "max", lengths=block.lengths, initial=0, unsafe=True)


class MaxPool:
    """The element-wise maximum of ReLU(W_pool h_u + b) (Hamilton et al. 2017).

    Args:
        size: d.
        generator: Draws the first weights.
    """

    ordered = False

    def __init__(self, size: int, generator: np.random.Generator) -> None:
        self.weight = xavier_uniform(size, size, generator)
        self.bias = torch.zeros(size, requires_grad=True)

    def __call__(self, vectors: torch.Tensor, block: NeighbourBlock) -> torch.Tensor:
        """Return ``(n_targets, d)``."""
        return maximum(torch.relu(vectors @ self.weight.T + self.bias), block)

    def state(self) -> dict[str, torch.Tensor]:
        """Return W_pool and b."""
        return {"pool": self.weight, "bias": self.bias}


class Lstm:
    """The last state of an LSTM over the messages (Hamilton et al. 2017).

    Args:
        size: d.
        generator: Draws the first weights.
    """

    ordered = True

    def __init__(self, size: int, generator: np.random.Generator) -> None:
        self.cell = nn.LSTM(size, size, batch_first=True)
        limit = float(1.0 / np.sqrt(size))
        with torch.no_grad():
            for one in self.cell.parameters():
                drawn = generator.uniform(-limit, limit, tuple(one.shape)).astype(np.float32)
                one.copy_(tensor(drawn))

    def __call__(self, vectors: torch.Tensor, block: NeighbourBlock) -> torch.Tensor:
        """Return ``(n_targets, d)``."""
        result = vectors.new_zeros((block.n_targets, vectors.shape[1]))
        has_neighbours = block.lengths > 0
        if not has_neighbours.any():
            return result
        lengths = block.lengths[has_neighbours]
        messages = vectors.index_select(0, block.indices)
        row = torch.repeat_interleave(torch.arange(len(lengths)), lengths)
        column = torch.arange(len(row)) - block.indptr[block.targets]
        padded = vectors.new_zeros((len(lengths), int(lengths.max()), vectors.shape[1]))
        padded = padded.index_put((row, column), messages)
        packed = pack_padded_sequence(padded, lengths.cpu(), batch_first=True, enforce_sorted=False)
        last = self.cell(packed)[1][0][0]
        return result.index_copy(0, torch.nonzero(has_neighbours)[:, 0], last)

    def state(self) -> dict[str, torch.Tensor]:
        """Return the weights of the cell."""
        return {f"lstm.{name}": one for name, one in self.cell.named_parameters()}

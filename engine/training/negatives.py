"""Negatives: items that a batch's positives must outrank."""

import numpy as np
import torch

from engine.data.arrays import Int64Array
from engine.models.tensors import tensor


def shared(n_items: int, count: int, generator: np.random.Generator) -> torch.Tensor:
    """Return ``count`` different items drawn uniformly, ``(m,)``; all items when there are fewer.

    Sharing them turns the scores into one matrix product; and with the whole catalogue among
    them, the sampled softmax is the full one.
    """
    if count >= n_items:
        return torch.arange(n_items)
    return tensor(generator.choice(n_items, count, replace=False).astype(np.int64))


def in_batch(positives: torch.Tensor) -> torch.Tensor:
    """Return the batch's own items once each, ``(m,)``: drawn by popularity, at no cost."""
    items: torch.Tensor = torch.unique(positives)
    return items


def draw(
    source: str,
    present: Int64Array,
    count: int,
    positives: torch.Tensor,
    generator: np.random.Generator,
) -> torch.Tensor:
    """Return the negatives that a batch shares, ``(m,)``.

    Args:
        source: ``uniform``, ``in-batch`` or ``both``.
        present: Rows of the items that may be drawn.
        count: How many are drawn uniformly.
        positives: Of the batch.
        generator: Draws them.
    """
    if source == "in-batch":
        return in_batch(positives)
    uniform = tensor(present)[shared(len(present), count, generator)]
    return uniform if source == "uniform" else in_batch(torch.cat((uniform, positives)))

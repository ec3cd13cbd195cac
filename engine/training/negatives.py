"""Negatives: items that a batch's positives must outrank.

May import: torch.
"""

import numpy as np
import torch


def shared(n_items: int, count: int, generator: np.random.Generator) -> torch.Tensor:
    """Return ``count`` different items drawn uniformly, ``(m,)``; all items when there are fewer.

    Sharing them turns the scores into one matrix product; and with the whole catalogue among
    them, the sampled softmax is the full one.
    """
    if count >= n_items:
        return torch.arange(n_items)
    return torch.from_numpy(generator.choice(n_items, count, replace=False).astype(np.int64))


def in_batch(positives: torch.Tensor) -> torch.Tensor:
    """Return the batch's own items once each, ``(m,)``: drawn by popularity, at no cost."""
    items: torch.Tensor = torch.unique(positives)
    return items

"""What is stored of a model whose score is a distance, so that an index returns its own ranking.

Vectors of unit length: -‖q - t‖ ranks as the cosine of q and t. Others: -‖q - t‖² is
2 (q·t - ‖t‖²/2) - ‖q‖², so queries are stored as (q, 1) and targets as (t, -‖t‖²/2), whose inner
product ranks as the distance does.
"""

import torch
from torch.nn import functional as F


def nearest_queries(vectors: torch.Tensor, *, unit: bool) -> torch.Tensor:
    """Return what is stored of queries: ``(n, d)`` of unit length, or ``(n, d + 1)``."""
    if unit:
        return F.normalize(vectors, dim=1)
    return torch.cat((vectors, torch.ones_like(vectors[:, :1])), dim=1)


def nearest_targets(vectors: torch.Tensor, *, unit: bool) -> torch.Tensor:
    """Return what is stored of targets: ``(n, d)`` of unit length, or ``(n, d + 1)``."""
    if unit:
        return F.normalize(vectors, dim=1)
    return torch.cat((vectors, -vectors.square().sum(dim=1, keepdim=True) / 2), dim=1)

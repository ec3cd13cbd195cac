"""Losses over a batch's vectors. Each is a function of ``Compared``; a score is an inner product.

May import: ``engine.models.encoder``, torch.
"""

import torch
from torch.nn import functional as F

from engine.models.encoder import Compared, Loss


def softmax(temperature: float) -> Loss:
    """Sampled softmax: -log of exp(s⁺/t) over the sum with every exp(s⁻/t), averaged.

    A shared negative that is the pair's own item is left out of the sum.
    """

    def loss(batch: Compared) -> torch.Tensor:
        own = (batch.users * batch.positives).sum(dim=1, keepdim=True)
        logits = torch.cat((own, _against(batch)), dim=1) / temperature
        return _average(torch.logsumexp(logits, dim=1) - logits[:, 0], batch.weights)

    return loss


def bpr(temperature: float) -> Loss:
    """Bayesian personalised ranking: -log sigmoid((s⁺ - s⁻)/t), averaged over pairs and negatives.

    With a temperature of 1 this is the published loss; cosine scores need a smaller one.
    """

    def loss(batch: Compared) -> torch.Tensor:
        own = (batch.users * batch.positives).sum(dim=1, keepdim=True)
        # A left-out negative scores -inf, which the softplus turns into exactly 0.
        per_pair = F.softplus((_against(batch) - own) / temperature).mean(dim=1)
        return _average(per_pair, batch.weights)

    return loss


LOSSES = {"softmax": softmax, "bpr": bpr}


def _average(values: torch.Tensor, weights: torch.Tensor | None) -> torch.Tensor:
    return values.mean() if weights is None else (values * weights).mean()


def _against(batch: Compared) -> torch.Tensor:
    """Return the scores of the negatives ``(b, m)``."""
    if batch.negatives.dim() == 3:
        return torch.einsum("bd,bnd->bn", batch.users, batch.negatives)
    scores = batch.users @ batch.negatives.T
    if batch.same is not None:
        scores = scores.masked_fill(batch.same, -torch.inf)
    return scores

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


def max_margin(margin: float) -> Loss:
    """max(0, s⁻ - s⁺ + margin), averaged over pairs and negatives (PinSage, Ying et al. 2018)."""

    def loss(batch: Compared) -> torch.Tensor:
        own = (batch.users * batch.positives).sum(dim=1, keepdim=True)
        # A left-out negative scores -inf, which the ReLU turns into exactly 0.
        per_pair = F.relu(_against(batch) - own + margin).mean(dim=1)
        return _average(per_pair, batch.weights)

    return loss


def skip_gram(temperature: float) -> Loss:
    """Negative sampling: -log sigmoid(s⁺/t) - Σ log sigmoid(-s⁻/t), averaged over pairs.

    With a temperature of 1 this is the published loss (Mikolov et al. 2013); the negatives of a
    pair are added up, so their number is part of it.
    """

    def loss(batch: Compared) -> torch.Tensor:
        own = (batch.users * batch.positives).sum(dim=1) / temperature
        others = F.softplus(_against(batch) / temperature).sum(dim=1)
        return _average(F.softplus(-own) + others, batch.weights)

    return loss


LOSSES = {"softmax": softmax, "bpr": bpr, "max-margin": max_margin, "skip-gram": skip_gram}
"""Name to what makes the loss of its one number: a temperature, or a margin."""


def chosen(name: str, *, temperature: float, margin: float) -> Loss:
    """Return the loss called ``name``, with the number it goes by."""
    return LOSSES[name](margin if name == "max-margin" else temperature)


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

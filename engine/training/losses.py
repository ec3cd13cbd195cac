"""Losses over the scores of a batch's positives and negatives."""

from collections.abc import Callable

import torch
from torch.nn import functional as F

from engine.models.encoder import Loss, PairComparison, Scored
from engine.plugins import ExtensibleTable
from engine.training.shared_softmax import ScoreCells, ScoreTable, shared_softmax


def softmax(temperature: float, precision: str = "float32") -> Loss:
    """Sampled softmax: -log of exp(s⁺/t) over the sum with every exp(s⁻/t), averaged.

    A shared negative that is an item of the user's own pairs in the batch is left out of the sum.
    With a precision of ``bfloat16`` the table of scores against shared negatives is made and summed
    up in products of that type, what they add up to in float32 (Micikevicius et al. 2018).
    """

    def loss(batch: Scored) -> torch.Tensor:
        if isinstance(batch, PairComparison) and batch.negatives.dim() == 2:
            return _shared(batch, temperature, precision)
        logits = torch.cat((batch.own[:, None], batch.others), dim=1) / temperature
        return _average(torch.logsumexp(logits, dim=1) - logits[:, 0], batch.weights)

    return loss


def bpr(temperature: float) -> Loss:
    """Bayesian personalised ranking: -log sigmoid((s⁺ - s⁻)/t), averaged over pairs and negatives.

    With a temperature of 1 this is the published loss; cosine scores need a smaller one.
    """

    def loss(batch: Scored) -> torch.Tensor:
        # A left-out negative scores -inf, which the softplus turns into exactly 0.
        per_pair = F.softplus((batch.others - batch.own[:, None]) / temperature).mean(dim=1)
        return _average(per_pair, batch.weights)

    return loss


def max_margin(margin: float) -> Loss:
    """max(0, s⁻ - s⁺ + margin), averaged over pairs and negatives (PinSage, Ying et al. 2018)."""

    def loss(batch: Scored) -> torch.Tensor:
        # A left-out negative scores -inf, which the ReLU turns into exactly 0.
        per_pair = F.relu(batch.others - batch.own[:, None] + margin).mean(dim=1)
        return _average(per_pair, batch.weights)

    return loss


def skip_gram(temperature: float) -> Loss:
    """Negative sampling: -log sigmoid(s⁺/t) - Σ log sigmoid(-s⁻/t), averaged over pairs.

    With a temperature of 1 this is the published loss (Mikolov et al. 2013); the negatives of a
    pair are added up, so their number is part of it.
    """

    def loss(batch: Scored) -> torch.Tensor:
        others = F.softplus(batch.others / temperature).sum(dim=1)
        return _average(F.softplus(-batch.own / temperature) + others, batch.weights)

    return loss


def self_adversarial(margin: float, temperature: float = 1.0) -> Loss:
    """-log sigmoid((m + s⁺)/t) - Σ p log sigmoid(-(m + s⁻)/t), p the softmax of s⁻/t (Sun 2019).

    Each negative is weighted by its own score; no gradient flows through p. Scores are meant to be
    minus a distance, which the margin m makes positive for what is near. With a temperature of 1
    this is the published loss.
    """

    def loss(batch: Scored) -> torch.Tensor:
        logits = batch.others / temperature
        # A row whose negatives are all left out has no share to give; NaN would reach the sum.
        shares = torch.softmax(logits.detach(), dim=1).nan_to_num(0.0)
        offset = margin / temperature
        others = (shares * F.softplus(logits + offset)).sum(dim=1)
        return _average(F.softplus(-batch.own / temperature - offset) + others, batch.weights)

    return loss


_LOSSES: dict[str, Callable[[float], Loss]] = {
    "softmax": softmax,
    "bpr": bpr,
    "max-margin": max_margin,
    "skip-gram": skip_gram,
    "self-adversarial": self_adversarial,
}
LOSSES: ExtensibleTable[Callable[[float], Loss]] = ExtensibleTable(
    "engine.losses", _LOSSES, callable
)
"""Name to what makes the loss of its first number: a temperature, or a margin."""


def chosen(name: str, *, temperature: float, margin: float, precision: str = "float32") -> Loss:
    """Return the loss called ``name``, with its parameters, of pairs and their own negatives."""
    if name == "softmax":
        return with_own_negatives(softmax(temperature, precision))
    if name == "self-adversarial":
        return with_own_negatives(self_adversarial(margin, temperature))
    return with_own_negatives(LOSSES[name](margin if name == "max-margin" else temperature))


def with_own_negatives(loss: Loss) -> Loss:
    """Return a loss, and for pairs with a negative of their own w times that of both, averaged.

    The average is over all pairs, so that of two trainings on the same pairs the one with more
    dislikes is not the one where each counts less.
    """

    def both(batch: Scored) -> torch.Tensor:
        value = loss(batch)
        apart = batch.against_unwanted() if isinstance(batch, PairComparison) else None
        if apart is None or not isinstance(batch, PairComparison):
            return value
        return value + loss(apart) * (len(apart.positives) / len(batch.positives))

    return both


def _shared(batch: PairComparison, temperature: float, precision: str) -> torch.Tensor:
    pairs = len(batch.positives)
    weights = batch.positives.new_ones(pairs) if batch.weights is None else batch.weights
    owner = torch.arange(pairs) if batch.owner is None else batch.owner
    return shared_softmax(
        batch.users,
        batch.positives,
        batch.negatives,
        ScoreCells(owner, batch.same),
        weights / pairs,
        temperature,
        ScoreTable(dtype=torch.bfloat16 if precision == "bfloat16" else None),
    )


def _average(values: torch.Tensor, weights: torch.Tensor | None) -> torch.Tensor:
    return values.mean() if weights is None else (values * weights).mean()

"""Sampled softmax against negatives that a whole batch shares, with its gradient written by hand.

What a user has to do with the negatives is the same for all of its pairs, so the table of scores
has a row per user: with whole users in a batch, many pairs cost what one costs. The table is made
a block of rows at a time, and each block's part of the gradients is taken while the block is in the
cache: it is never kept, and nothing is computed twice.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from engine.models.tensors import array, tensor


@dataclass(frozen=True)
class ScoreCells:
    """What the table of scores is to the pairs.

    Attributes:
        owner: ``(b,) int64``, ascending: the row of each pair.
        same: Rows (ascending) and columns of the cells that are left out of the sums, or None.
    """

    owner: torch.Tensor
    same: tuple[torch.Tensor, torch.Tensor] | None = None


@dataclass(frozen=True)
class ScoreTable:
    """How the table of scores is made.

    Attributes:
        at_once: Scores at a time.
        dtype: Of the scores and of what is multiplied with them, so also of what a block adds to
            the gradients; None: that of the vectors, which sums are of in any case.
    """

    at_once: int = 1 << 20
    dtype: torch.dtype | None = None


def shared_softmax(
    users: torch.Tensor,
    positives: torch.Tensor,
    negatives: torch.Tensor,
    cells: ScoreCells,
    weights: torch.Tensor,
    temperature: float,
    table: ScoreTable = ScoreTable(),
) -> torch.Tensor:
    """Return Σ_b w_b · (log(exp(s⁺/t) + Σ_m exp(s⁻/t)) - s⁺/t), differentiable in the vectors.

    Args:
        users: ``(u, d)``.
        positives: ``(b, d)``.
        negatives: ``(m, d)``.
        cells: Which row each pair has, and what is left out.
        weights: ``(b,)`` of the pairs.
        temperature: t.
        table: How the scores are made.
    """
    result: torch.Tensor = _SharedSoftmax.apply(
        users, positives, negatives, cells, weights, temperature, table
    )
    return result


class _SharedSoftmax(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        users: torch.Tensor,
        positives: torch.Tensor,
        negatives: torch.Tensor,
        cells: ScoreCells,
        weights: torch.Tensor,
        temperature: float,
        table: ScoreTable,
    ) -> torch.Tensor:
        size = max(1, table.at_once // max(1, len(negatives)))
        lowest = torch.finfo(users.dtype).min
        left, right = (one.to(table.dtype or one.dtype) for one in (users, negatives))
        near = users.index_select(0, cells.owner)
        own = (near * positives).sum(dim=1).div_(temperature)
        # What the score of each pair is to change by, and each row's part of the sums.
        pull, of_users = torch.empty_like(own), torch.empty_like(users)
        of_negatives, total = torch.zeros_like(negatives), users.new_zeros(())
        for start in range(0, len(users), size):
            block = slice(start, start + size)
            pairs = _between(cells.owner, block)
            row, mine = cells.owner[pairs] - start, own[pairs]
            scores = (left[block] @ right.T).div_(temperature)
            if cells.same is not None:
                out = _between(cells.same[0], block)
                scores[cells.same[0][out] - start, cells.same[1][out]] = -torch.inf
            # A row with nothing left has a sum of 0, not of NaN.
            top = scores.amax(dim=1).to(users.dtype).clamp_(min=lowest)
            scores.sub_(top[:, None]).exp_()
            whole = torch.log(scores.sum(dim=1, dtype=top.dtype)) + top
            sums = torch.logaddexp(whole[row], mine)
            total += ((sums - mine) * weights[pairs]).sum()
            pull[pairs] = weights[pairs] / temperature * torch.expm1(mine - sums)
            share = weights[pairs] / temperature * torch.exp(top[row] - sums)
            shares = torch.zeros_like(top).index_add_(0, row, share)[:, None]
            of_users[block] = shares * (scores @ right)
            _add_product(of_negatives, scores.T, users[block] * shares)
        of_users.index_add_(0, cells.owner, positives * pull[:, None])
        ctx.save_for_backward(of_users, near.mul_(pull[:, None]), of_negatives)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        of_users, of_positives, of_negatives = ctx.saved_tensors
        scale = gradients[0]
        vectors = of_users * scale, of_positives * scale, of_negatives * scale
        return *vectors, None, None, None, None


def _add_product(total: torch.Tensor, left: torch.Tensor, right: torch.Tensor) -> None:
    if left.dtype == total.dtype:
        total.addmm_(left, right)
    else:
        total += left @ right.to(left.dtype)


def _between(ascending: torch.Tensor, block: slice) -> slice:
    """Return where in ``ascending`` the rows of a block stand."""
    ends = tensor(np.array([block.start, block.stop]))
    first, last = array(torch.searchsorted(ascending, ends)).tolist()
    return slice(first, last)

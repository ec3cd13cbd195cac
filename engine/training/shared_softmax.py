"""Sampled softmax against negatives that a whole batch shares, with its gradient written by hand.

The table of scores is made a block of rows at a time, and each block's part of the gradients is
taken while the block is in the cache: the table is never kept, and nothing is computed twice. May
import: torch.
"""

from typing import Any

import torch

_CELLS = 1 << 20
Same = tuple[torch.Tensor, torch.Tensor]


def shared_softmax(
    users: torch.Tensor,
    positives: torch.Tensor,
    negatives: torch.Tensor,
    same: Same | None,
    weights: torch.Tensor,
    temperature: float,
    cells: int = _CELLS,
) -> torch.Tensor:
    """Return Σ_b w_b · (log(exp(s⁺/t) + Σ_m exp(s⁻/t)) - s⁺/t), differentiable in the vectors.

    Args:
        users: ``(b, d)``.
        positives: ``(b, d)``.
        negatives: ``(m, d)``.
        same: Rows ascending, and columns, of the cells that are left out of the sum; or None.
        weights: ``(b,)`` of the rows.
        temperature: t.
        cells: Scores that are made at a time.
    """
    result: torch.Tensor = _SharedSoftmax.apply(
        users, positives, negatives, same, weights, temperature, cells
    )
    return result


class _SharedSoftmax(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        users: torch.Tensor,
        positives: torch.Tensor,
        negatives: torch.Tensor,
        same: Same | None,
        weights: torch.Tensor,
        temperature: float,
        cells: int,
    ) -> torch.Tensor:
        count, size = len(users), max(1, cells // max(1, len(negatives)))
        own = (users * positives).sum(dim=1).div_(temperature)
        total = users.new_zeros(())
        # What the score of each row's own pair is to change by, and each row's part of the sums.
        pull, of_users = torch.empty_like(own), torch.empty_like(users)
        of_negatives = torch.zeros_like(negatives)
        for start in range(0, count, size):
            block = slice(start, min(start + size, count))
            near = users[block]
            scores = (near @ negatives.T).div_(temperature)
            if same is not None:
                first, last = torch.searchsorted(same[0], torch.tensor([block.start, block.stop]))
                scores[same[0][first:last] - start, same[1][first:last]] = -torch.inf
            top = torch.maximum(own[block], scores.amax(dim=1))
            scores.sub_(top[:, None]).exp_()
            kept = torch.exp(own[block] - top)
            sums = scores.sum(dim=1) + kept
            total += ((torch.log(sums) - own[block] + top) * weights[block]).sum()
            share = (weights[block] / (sums * temperature))[:, None]
            pull[block] = weights[block] / temperature * (kept / sums - 1.0)
            of_users[block] = (scores @ negatives).mul_(share)
            of_negatives.addmm_(scores.T, near * share)
        of_users.addcmul_(positives, pull[:, None])
        ctx.save_for_backward(of_users, users * pull[:, None], of_negatives)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        of_users, of_positives, of_negatives = ctx.saved_tensors
        scale = gradients[0]
        vectors = of_users * scale, of_positives * scale, of_negatives * scale
        return *vectors, None, None, None, None

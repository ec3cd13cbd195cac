"""What models draw at random: first weights and what dropout keeps."""

import numpy as np
import torch

from engine.models.tensors import tensor


def xavier_uniform(rows: int, columns: int, generator: np.random.Generator) -> torch.Tensor:
    """Return a trained ``(rows, columns) float32`` weight, uniform (Glorot and Bengio 2010)."""
    limit = float(np.sqrt(6.0 / (rows + columns)))
    drawn = generator.uniform(-limit, limit, (rows, columns)).astype(np.float32)
    return tensor(drawn).requires_grad_()


def dropout_mask(
    shape: tuple[int, ...], share: float, generator: torch.Generator | None, like: torch.Tensor
) -> torch.Tensor | None:
    """Return what dropout multiplies by: 0 where dropped, else 1 / (1 - share); None to keep all.

    Args:
        shape: Of the result.
        share: Probability that a cell is dropped, 0 to below 1.
        generator: Draws the cells; None outside of training: all are kept.
        like: Gives the result its type.
    """
    if generator is None or share == 0.0:
        return None
    drawn = torch.rand(shape, generator=generator, device="cpu").to(like.device)
    return (drawn >= share).to(like.dtype) / (1.0 - share)

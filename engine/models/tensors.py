"""Between arrays and tensors: numbers enter torch, and leave it, here alone.

A tensor is made on torch's default device, which ``training.device`` sets, so models and batches
name no device. What is drawn at random is drawn on the CPU: one seed gives the same draws on every
device.
"""

import torch

from engine.data.arrays import AnyArray


def tensor(values: AnyArray) -> torch.Tensor:
    """Return the values where torch computes; on the CPU they are shared, not copied."""
    return torch.from_numpy(values).to(torch.get_default_device())


def array(values: torch.Tensor) -> AnyArray:
    """Return the values as an array; those of the CPU are shared, not copied."""
    return values.detach().cpu().numpy()

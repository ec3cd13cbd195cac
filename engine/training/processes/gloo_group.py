"""Gloo group: what the processes of one training say to each other, by ``torch.distributed``."""

import os
import sys
from pathlib import Path

import numpy as np
import torch
from torch import distributed

from engine.models.tensors import array, tensor


class GlooGroup:
    """This process among the others; all of them make the same calls in the same order.

    Args:
        rank: Number of this process, from 0.
        size: Processes.
        meeting: A file that is not there yet, by which they find each other.
    """

    def __init__(self, rank: int, size: int, meeting: Path) -> None:
        self.rank, self.size = rank, size
        # By itself gloo listens where the host's name leads.
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo0" if sys.platform == "darwin" else "lo")
        distributed.init_process_group(
            "gloo", init_method=f"file://{meeting}", rank=rank, world_size=size
        )

    def wait(self) -> None:
        """Return when all processes are here."""
        self.total(0.0)

    def total(self, number: float) -> float:
        """Return the sum of a number of each process."""
        summed = tensor(np.array([number], dtype=np.float64))
        distributed.all_reduce(summed)
        return float(summed)

    def add(self, summand: torch.Tensor) -> None:
        """Put the sum over all processes in the place of a tensor."""
        distributed.all_reduce(summand)

    def exchange(self, rows: torch.Tensor, out: list[int], back: list[int]) -> torch.Tensor:
        """Hand rows to each process, and return what each hands to this one, by their number.

        Args:
            rows: ``(sum(out), ...)``, those for the first process first.
            out: How many rows each process is given.
            back: How many each process gives.
        """
        taken = rows.new_empty((sum(back), *rows.shape[1:]))
        distributed.all_to_all_single(taken, rows.contiguous(), back, out)
        return taken

    def exchange_counts(self, counts: list[int]) -> list[int]:
        """Tell each process a number, and return what each tells this one."""
        ones = [1] * self.size
        told = self.exchange(tensor(np.array(counts, dtype=np.int64)), ones, ones)
        found: list[int] = array(told).tolist()
        return found

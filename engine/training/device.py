"""Device: where torch computes, one for a whole training.

Models and batches name none: tensors are made on torch's default device. May import: torch.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch

from engine.errors import UsageError

DeviceName = Literal["cpu", "cuda", "auto"]


def chosen(name: DeviceName) -> str:
    """Return the device of that name; ``auto`` is a GPU where there is one.

    Raises:
        UsageError: A GPU was asked for and torch finds none.
    """
    if name == "cpu":
        return "cpu"
    there = torch.cuda.is_available()
    if name == "cuda" and not there:
        raise UsageError(
            "torch finds no GPU", hint="set ENGINE_DEVICE=cpu, or install a build of torch for it"
        )
    return "cuda" if there else "cpu"


@contextmanager
def using(name: DeviceName) -> Iterator[None]:
    """Have torch make every tensor on that device.

    Raises:
        UsageError: As ``chosen``.
    """
    if chosen(name) == "cpu":
        yield  # torch's own default, without a hook into every call
        return
    # cuBLAS gives the same bits every time only with a workspace of fixed size.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    with torch.device("cuda"):
        yield

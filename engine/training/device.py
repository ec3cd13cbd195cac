"""Device: where torch computes, one for a whole training.

Models and batches name none: tensors are made on torch's default device.
"""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Literal

import torch

from engine.errors import ModelError, UsageError

DeviceName = Literal["cpu", "cuda", "auto"]
_LOG = logging.getLogger(__name__)


def device_named(name: DeviceName) -> str:
    """Return the device of that name; ``auto`` is a GPU where one can be used.

    Raises:
        UsageError: A GPU was asked for and torch can use none.
    """
    if name == "cpu":
        return "cpu"
    problem = _problem()
    if problem is None:
        return "cuda"
    if name == "cuda":
        raise UsageError(
            problem, hint="set ENGINE_DEVICE=cpu, or install a build of torch for your GPU"
        )
    if torch.cuda.is_available():
        _LOG.warning("%s; training on the CPU", problem)
    return "cpu"


@contextmanager
def default_device(name: DeviceName) -> Iterator[None]:
    """Have torch make every tensor on that device.

    Raises:
        UsageError: As ``device_named``.
        ModelError: The GPU's memory does not suffice.
    """
    if device_named(name) == "cpu":
        yield  # torch's own default, without a hook into every call
        return
    try:
        with torch.device("cuda"):
            _LOG.info("training on %s", torch.cuda.get_device_name())
            yield
    except torch.cuda.OutOfMemoryError as error:
        raise ModelError(
            "the GPU has too little memory for this training",
            hint="a smaller --set batch_size or --set dimension, or ENGINE_DEVICE=cpu",
        ) from error


@cache
def _problem() -> str | None:
    """Say what keeps torch from computing on a GPU, or None.

    A GPU may be there for which this build of torch has no code: the first operation shows it.
    """
    if not torch.cuda.is_available():
        return "torch finds no GPU"
    # cuBLAS gives the same bits every time only with a workspace of fixed size, set beforehand.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    try:
        with warnings.catch_warnings(), torch.device("cuda"):
            warnings.simplefilter("ignore")
            (torch.eye(2).to_sparse_csr() @ torch.ones(2, 2)).sum().item()
    except RuntimeError as error:
        return f"torch cannot use this GPU: {str(error).splitlines()[0]}"
    return None

"""Files of tensors: the state an unfinished run continues from, and models of older versions.

They are read weights-only: tensors, numbers, strings, lists and dicts, never code. A file is
written beside its place and moved there, so a reader sees the old one or the new one.
"""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from engine import private_files
from engine.errors import CheckpointInvalid
from engine.training.array_file import damaged, missing

KEPT = ("*.pt", "*.sharded")
"""What states are called: the files of one process, the folders of several."""


def of_processes(path: Path) -> Path:
    """Return the folder where several processes keep the state that one keeps at ``path``."""
    return path.with_suffix(".sharded")


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write tensors and plain values in one move; where the tensors were does not matter.

    Another process may have the same training at work, and removes the folder when it ends: the
    folder is made again then.
    """
    plain = _on_cpu(dict(content))
    try:
        _save(path, plain)
    except FileNotFoundError:
        _save(path, plain)


def _save(path: Path, content: Mapping[str, Any]) -> None:
    with private_files.replacing(path) as file:
        torch.save(content, file)


def _on_cpu(value: Any) -> Any:
    """Return the same with every tensor on the CPU, which every machine has."""
    if isinstance(value, torch.Tensor):
        return value.cpu()
    if isinstance(value, dict):
        return {key: _on_cpu(one) for key, one in value.items()}
    return [_on_cpu(one) for one in value] if isinstance(value, list) else value


def read(path: Path) -> dict[str, Any]:
    """Read what ``write`` wrote.

    Raises:
        CheckpointInvalid: The file is missing or damaged.
    """
    try:
        content: dict[str, Any] = torch.load(path, "cpu", weights_only=True)
    except FileNotFoundError as error:
        raise missing(path) from error
    except (RuntimeError, EOFError, OSError, ValueError, pickle.UnpicklingError) as error:
        raise damaged(path, type(error).__name__) from error
    if not isinstance(content, dict):
        raise damaged(path, "it is not a table of tensors")
    return content


def read_arrays(path: Path) -> dict[str, Any]:
    """Read a file of tensors as one of arrays.

    Raises:
        CheckpointInvalid: The file is missing or damaged.
    """
    found: dict[str, Any] = _as_arrays(read(path))
    return found


def _as_arrays(value: Any) -> Any:
    """Return the same with arrays in the place of tensors."""
    if isinstance(value, torch.Tensor):
        return value.numpy()
    if isinstance(value, dict):
        return {key: _as_arrays(one) for key, one in value.items()}
    return [_as_arrays(one) for one in value] if isinstance(value, list) else value


def of_other_training(path: Path) -> CheckpointInvalid:
    """Return the error for a state that belongs to other data, settings or seed."""
    return CheckpointInvalid(
        f"the saved state {path} belongs to other data, settings or seed",
        hint="give the settings of the interrupted run, or start again without --resume",
    )

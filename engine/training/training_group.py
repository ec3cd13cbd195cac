"""Group: the processes that train one model together, as the loop sees them.

``ONE_PROCESS`` adds nothing to a step, and imports no ``torch.distributed``.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import torch

from engine.training import training_state


class TrainingGroup(Protocol):
    """What the loop asks of all processes together; each of them asks it at the same step."""

    def total(self, loss: torch.Tensor) -> float:
        """Return the loss of a batch, given each process's part of it."""

    def any(self, here: bool) -> bool:
        """Return whether it is so in any process."""

    def add_gradients(self, tensors: Iterable[torch.Tensor]) -> None:
        """Add up the gradients of the tensors that every process holds a copy of."""

    def write(self, path: Path, content: Mapping[str, Any]) -> None:
        """Keep a state to continue from; rows of tables are those that lie in each process."""

    def read(self, path: Path) -> dict[str, Any] | None:
        """Return the state that was kept, or None where there is none.

        Raises:
            CheckpointInvalid: It is damaged.
        """


class _OneProcess:
    """This process alone."""

    def total(self, loss: torch.Tensor) -> float:
        return float(loss.detach())

    def any(self, here: bool) -> bool:
        return here

    def add_gradients(self, tensors: Iterable[torch.Tensor]) -> None:
        pass

    def write(self, path: Path, content: Mapping[str, Any]) -> None:
        training_state.write(path, content)

    def read(self, path: Path) -> dict[str, Any] | None:
        return training_state.read(path) if path.exists() else None


ONE_PROCESS: TrainingGroup = _OneProcess()

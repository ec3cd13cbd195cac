"""The training loop: steps, validation through a callback, early stopping, saving, continuing.

Knows ``Encoder``, batches and callbacks; no ids, no database. A run that is stopped and continued
ends with the same bits as one that was never stopped: state is saved between steps only, and what
is drawn at a step depends on the seed and the step's number alone.
"""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from engine.errors import ModelError
from engine.models.encoder import Embeddings, Encoder, Loss
from engine.training import losses, seed, training_state
from engine.training.adam import Adam
from engine.training.batches import BatchSource
from engine.training.training_config import TrainingConfig
from engine.training.training_group import ONE_PROCESS, TrainingGroup


@dataclass(frozen=True)
class Progress:
    """Where training stands after a step.

    Attributes:
        step: Steps done, of ``steps`` at most.
        loss: Mean loss of the epoch so far.
        metric: Last validation metric, or None.
        seconds_left: Estimate when no early stop comes.
    """

    epoch: int
    step: int
    steps: int
    loss: float
    metric: float | None
    seconds_left: float


@dataclass(frozen=True)
class TrainingHooks:
    """What the caller hands in.

    Attributes:
        validate: Embeddings -> the metric to maximise, after each epoch; None: no early stop.
        report: Called after every step.
        should_stop: Asked between steps; true saves and ends.
        save_to: File of the state to continue from; None: nothing is saved.
        fingerprint: Of data and settings; a state with another one is refused.
        group: The processes that train it; each has the encoder and the batches of its own part.
    """

    validate: Callable[[Embeddings], float] | None = None
    report: Callable[[Progress], None] = lambda _: None
    should_stop: Callable[[], bool] = lambda: False
    save_to: Path | None = None
    fingerprint: str = ""
    group: TrainingGroup = ONE_PROCESS


@dataclass
class TrainingState:
    """Everything that changes while training, beside the weights and the optimiser."""

    step: int = 0
    loss_sum: float = 0.0
    best_metric: float = -1.0
    best_epoch: int = 0
    last_metric: float | None = None
    finished: bool = False
    history: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class TrainingOutcome:
    """How training ended.

    Attributes:
        finished: False when it was asked to stop and can be continued.
        epochs: Epochs behind the weights now in the encoder.
        metric: Validation metric of those weights, or None.
    """

    finished: bool
    epochs: int
    metric: float | None
    history: tuple[float, ...]


def train(
    encoder: Encoder[Any], batches: BatchSource[Any], config: TrainingConfig, hooks: TrainingHooks
) -> TrainingOutcome:
    """Train ``encoder`` on ``batches``, continuing from ``hooks.save_to`` when that file exists.

    With a validation callback, the weights of the best epoch are in the encoder at the end.

    Raises:
        ValueError: Settings are left to the data, and ``data_sized.sized`` was not asked.
        ModelError: The loss is not a number.
        CheckpointInvalid: The saved state is damaged or belongs to other data or settings.
    """
    if not (config.batch_size and config.learning_rate):
        raise ValueError("batch_size and learning_rate must be above 0 when training begins")
    with seed.deterministic():
        run = _Run(encoder, batches, config, hooks)
        if not run.restore():
            run.save()  # so that whatever ends the process, there is a state to continue from
        while not run.state.finished:
            if hooks.group.any(hooks.should_stop()):
                run.save()
                return run.outcome()
            run.step()
            if run.at_epoch_end:
                run.end_epoch()
        run.use_best()
        return run.outcome()


class _Run:
    """One call of ``train``: the optimiser, the state and the clock."""

    def __init__(
        self,
        encoder: Encoder[Any],
        batches: BatchSource[Any],
        config: TrainingConfig,
        hooks: TrainingHooks,
    ) -> None:
        self.encoder, self.config, self.hooks, self.state = encoder, config, hooks, TrainingState()
        self._batches = batches
        self._tensors = encoder.state()
        self._trained = [tensor for tensor in self._tensors.values() if tensor.requires_grad]
        self._optimiser = Adam(self._trained, lr=config.learning_rate)
        self._loss: Loss = losses.chosen(
            config.loss,
            temperature=config.temperature,
            margin=config.margin,
            precision=config.precision,
        )
        self._best = self._copy()
        self._began, self._first_step = time.monotonic(), 0

    @property
    def at_epoch_end(self) -> bool:
        return self.state.step % self._batches.steps == 0

    def step(self) -> None:
        steps = self._batches.steps
        epoch, within = divmod(self.state.step, steps)
        if within == 0:
            self.state.loss_sum = 0.0
        for group in self._optimiser.param_groups:
            group["lr"] = self._learning_rate()
        self._optimiser.zero_grad(set_to_none=True)
        loss = self.encoder.fit_step(self._batches.batch(epoch, within), self._loss)
        value = self.hooks.group.total(loss)
        if not math.isfinite(value):
            raise ModelError(
                f"the loss is not a number at step {self.state.step}",
                hint="try a smaller --set learning_rate or a larger --set temperature",
            )
        loss.backward()  # type: ignore[no-untyped-call]
        self.hooks.group.add_gradients(self._trained)
        self._optimiser.step()
        self.state.step += 1
        self.state.loss_sum += value
        self._report(epoch, self.state.loss_sum / (within + 1))

    def end_epoch(self) -> None:
        state, epoch = self.state, self.state.step // self._batches.steps
        if self.hooks.validate is not None:
            metric = self.hooks.validate(self.encoder.encode())
            state.last_metric = metric
            state.history.append(metric)
            if metric > state.best_metric:
                state.best_metric, state.best_epoch, self._best = metric, epoch, self._copy()
            state.finished = epoch - state.best_epoch >= self.config.patience
        state.finished = state.finished or epoch >= self.config.epochs
        self.save()

    def use_best(self) -> None:
        if self.hooks.validate is not None:
            _fill(self._tensors, self._best)

    def outcome(self) -> TrainingOutcome:
        state = self.state
        validated = self.hooks.validate is not None
        return TrainingOutcome(
            finished=state.finished,
            epochs=state.best_epoch if validated else state.step // self._batches.steps,
            metric=state.best_metric if validated else None,
            history=tuple(state.history),
        )

    def save(self) -> None:
        if self.hooks.save_to is None:
            return
        self.hooks.group.write(
            self.hooks.save_to,
            {
                "fingerprint": self.hooks.fingerprint,
                "state": asdict(self.state),
                "weights": self._tensors,
                "best": self._best,
                "optimiser": self._optimiser.state_dict(),
            },
        )

    def restore(self) -> bool:
        path = self.hooks.save_to
        saved = None if path is None else self.hooks.group.read(path)
        if path is None or saved is None:
            return False
        if saved.get("fingerprint") != self.hooks.fingerprint:
            raise training_state.of_other_training(path)
        _fill(self._tensors, saved["weights"])
        self._best = saved["best"]
        self._optimiser.load_state_dict(saved["optimiser"])
        self.state = TrainingState(**saved["state"])
        self._first_step = self.state.step
        return True

    def _learning_rate(self) -> float:
        rate = self.config.learning_rate
        if self.config.decay == "linear":
            rate *= 1.0 - self.state.step / (self.config.epochs * self._batches.steps)
        return rate

    def _copy(self) -> dict[str, torch.Tensor]:
        return {name: tensor.detach().clone() for name, tensor in self._tensors.items()}

    def _report(self, epoch: int, loss: float) -> None:
        total = self.config.epochs * self._batches.steps
        rate = (time.monotonic() - self._began) / (self.state.step - self._first_step)
        left = rate * (total - self.state.step)
        self.hooks.report(
            Progress(epoch + 1, self.state.step, total, loss, self.state.last_metric, left)
        )


def _fill(tensors: dict[str, torch.Tensor], values: dict[str, torch.Tensor]) -> None:
    with torch.no_grad():
        for name, tensor in tensors.items():
            tensor.copy_(values[name])

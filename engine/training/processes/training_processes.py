"""Training processes: start them, hand them jobs, follow them, end them.

They are kept from one job to the next: starting one imports PyTorch. Any that ends by itself, or
that fails, ends the others and the training. They end with this process, whatever ends it.
"""

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import torch

from engine import errors
from engine.data.training_data import TrainingData
from engine.errors import ModelError, UsageError
from engine.models import MODELS
from engine.models.encoder import Encoder
from engine.models.tensors import array, tensor
from engine.training import training_state
from engine.training.device import DeviceName, device_named
from engine.training.processes.job_files import JobFiles, TrainingJob
from engine.training.trainer import Progress, TrainingHooks, TrainingOutcome

_POLL_SECONDS = 0.05
_SECONDS_TO_END = 5.0
_GONE = "gone"
_WORKER = "engine.training.processes.worker"


class TrainingProcesses:
    """Processes of this machine that train models together.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._processes: list[subprocess.Popen[str]] = []
        self._listeners: list[threading.Thread] = []
        self._news: queue.SimpleQueue[tuple[int, dict[str, Any]]] = queue.SimpleQueue()

    def __enter__(self) -> "TrainingProcesses":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    @property
    def ids(self) -> list[int]:
        """Process ids of those that run now, by rank."""
        return [one.pid for one in self._processes]

    def train(
        self,
        encoder: Encoder[Any],
        job: TrainingJob,
        material: TrainingData,
        folder: Path,
        hooks: TrainingHooks,
    ) -> TrainingOutcome:
        """Train a model as ``trainer.train`` does; its weights are in ``encoder`` at the end.

        Asked to stop before their first step, the processes are killed: nothing of it is kept.

        Args:
            encoder: What is trained begins with its tensors.
            job: What to train.
            material: What on.
            folder: Where the processes' files lie meanwhile.
            hooks: As of ``trainer.train``.

        Raises:
            ModelError: A process ended by itself, or the loss is not a number.
            CheckpointInvalid: As ``trainer.train``.
        """
        files = JobFiles(folder)
        files.stop.unlink(missing_ok=True)
        tensors = {name: array(one) for name, one in encoder.state().items()}
        files.write(_of_hooks(job, hooks), material, tensors)
        if not self._processes:
            self._start()
        try:
            for process in self._processes:
                _say(process, str(folder))
            outcome = self._follow(encoder, files, hooks)
            _fill(encoder, files)
        except BaseException:
            self.end()
            raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return outcome

    def end(self) -> None:
        """End the processes."""
        for process in self._processes:
            if process.stdin is not None:
                with suppress(BrokenPipeError):  # of one that has ended already
                    process.stdin.close()  # which is how they know
        for process in self._processes:
            try:
                process.wait(_SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for listener in self._listeners:
            listener.join()
        if self._processes:
            self._room.cleanup()
        self._processes, self._listeners = [], []

    def _kill(self) -> None:
        for process in self._processes:
            process.kill()
        self.end()

    def _start(self) -> None:
        self._room = tempfile.TemporaryDirectory(prefix="engine-training-")
        self._news = queue.SimpleQueue()
        threads = max(1, torch.get_num_threads() // self.count)
        for rank in range(self.count):
            own = {"RANK": str(rank), "WORLD_SIZE": str(self.count)}
            with self._log(rank).open("w") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", _WORKER, f"{self._room.name}/meeting"],
                    env={"OMP_NUM_THREADS": str(threads), **os.environ, **own},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    process_group=0,  # Ctrl-C is for this process, which asks them to stop
                )
            self._processes.append(process)
            listener = threading.Thread(target=self._listen, args=(rank, process), daemon=True)
            listener.start()
            self._listeners.append(listener)

    def _listen(self, rank: int, process: "subprocess.Popen[str]") -> None:
        news = self._news
        if process.stdout is not None:
            with process.stdout as lines:
                for line in lines:
                    news.put((rank, json.loads(line)))
        news.put((rank, {_GONE: process.wait()}))

    def _follow(
        self, encoder: Encoder[Any], files: JobFiles, hooks: TrainingHooks
    ) -> TrainingOutcome:
        begun = False
        while True:
            if hooks.should_stop():
                if not begun:  # they import PyTorch, for longer than anybody waits after Ctrl-C
                    self._kill()
                    return TrainingOutcome(finished=False, epochs=0, metric=None, history=())
                files.stop.touch()
            try:
                rank, news = self._news.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                continue
            begun = True
            if "progress" in news:
                hooks.report(Progress(**news["progress"]))
            elif "validate" in news and hooks.validate is not None:
                _fill(encoder, files)
                _say(self._processes[0], hooks.validate(encoder.encode()))
            elif "finished" in news:
                ended = news["finished"]
                return TrainingOutcome(**ended | {"history": tuple(ended["history"])})
            elif "failed" in news:
                kind = cast("type[errors.EngineError]", getattr(errors, news["failed"]))
                raise kind(news["message"], hint=news["hint"])
            elif _GONE in news:
                raise self._ended(rank, news[_GONE])

    def _ended(self, rank: int, code: int) -> ModelError:
        # One that is killed is why another one finds nobody to talk to.
        for other, process in enumerate(self._processes):
            if (ended := process.poll()) is not None and ended < 0:
                rank, code = other, ended
        lines = self._log(rank).read_text(encoding="utf-8", errors="replace").strip().splitlines()
        why = f"signal {-code}" if code < 0 else f"exit code {code}"
        said = f": {lines[-1]}" if lines else ""
        return ModelError(
            f"process {rank + 1} of {self.count} ended with {why} in the middle of training{said}",
            hint="engine train --resume with the same settings goes on from the last whole epoch",
        )

    def _log(self, rank: int) -> Path:
        return Path(self._room.name) / f"{rank}.log"


def check_processes(count: int, model: str, device: DeviceName) -> None:
    """Refuse what cannot be trained in so many processes.

    Raises:
        UsageError: The model or the device is for one process.
    """
    if count == 1:
        return
    able = [name for name, entry in MODELS.items() if entry.sharded is not None]
    if model not in able:
        raise UsageError(
            f"{model} is trained in one process, not in {count}",
            hint=f"leave out --processes, or use --model with one of {', '.join(able)}",
        )
    if device_named(device) != "cpu":
        raise UsageError(
            f"{count} processes train on the CPU, and the device is a GPU",
            hint="leave out --processes, or set ENGINE_DEVICE=cpu",
        )


def go_on_alone(path: Path) -> None:
    """Let one process go on, by ``path``, from where several stopped, if they did.

    Raises:
        CheckpointInvalid: What they kept is damaged.
    """
    if training_state.of_processes(path).exists():
        from engine.training.processes import sharded_state  # noqa: PLC0415 torch.distributed

        sharded_state.put_together(path)


def _of_hooks(job: TrainingJob, hooks: TrainingHooks) -> TrainingJob:
    return replace(
        job,
        validated=hooks.validate is not None,
        state=str(hooks.save_to or ""),
        fingerprint=hooks.fingerprint,
    )


@contextmanager
def processes_for(count: int) -> Iterator[TrainingProcesses | None]:
    """Lend as many processes to train in; None where this one is enough."""
    if count == 1:
        yield None
        return
    with TrainingProcesses(count) as processes:
        yield processes


def _say(process: "subprocess.Popen[str]", what: Any) -> None:
    if process.stdin is not None:
        with suppress(BrokenPipeError):  # that it ended is news of its own
            print(json.dumps(what), file=process.stdin, flush=True)


def _fill(encoder: Encoder[Any], files: JobFiles) -> None:
    state = encoder.state()
    with torch.no_grad():
        for name, values in files.tensors().items():
            state[name].copy_(tensor(values))

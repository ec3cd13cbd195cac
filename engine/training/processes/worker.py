"""Worker: what each process of a training does, one job after another.

``python -m engine.training.processes.worker FILE``, with ``RANK`` and ``WORLD_SIZE`` in the
environment, as torchrun names them. Jobs and answers come in by lines of JSON, news goes out by
such lines, from the first process alone. A process ends with the one that started it: then nothing
more can come in.
"""

import json
import os
import queue
import sys
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch

from engine.data.training_data import TrainingData
from engine.errors import EngineError
from engine.models import MODELS
from engine.models.encoder import Embeddings, Loss
from engine.models.relational import RelationalConfig
from engine.models.tensors import array, tensor
from engine.training import batch_factories, seed
from engine.training.processes import sharded_state
from engine.training.processes.batch_parts import BatchPart, own_batches
from engine.training.processes.gloo_group import GlooGroup
from engine.training.processes.job_files import JobFiles
from engine.training.processes.row_shares import RowShares
from engine.training.processes.sharded_state import SharedTensors
from engine.training.processes.sharded_tables import Layouts, ShardedTables
from engine.training.trainer import Progress, TrainingHooks, train
from engine.training.training_config import SPARSE_ADAM


class ShardedEncoder:
    """A model whose tables are shared out, as the loop sees it.

    Args:
        files: What is trained, and what on.
        group: The processes.

    Attributes:
        job: What is trained.
        config: Settings of the model.
        batches: This process's parts of the batches.
        shared: What is known of the model's tensors.
    """

    def __init__(self, files: JobFiles, group: GlooGroup) -> None:
        self._files, self._group = files, group
        self.job, material = files.read()
        self.config = self.job.model_config
        entry = MODELS[self.job.model]
        if entry.sharded is None:
            raise ValueError(f"{self.job.model} is trained in one process")
        layouts = _layouts(material, self.config, group.size)
        sparse = self.job.config.optimiser == SPARSE_ADAM
        self._tables = ShardedTables(layouts, group, sparse=sparse)
        start = seed.generator(self.job.seed, "start")
        self._encoder = entry.sharded(material, self.config, start, self._tables)
        source = batch_factories.SOURCES[entry.batches]
        whole = source(material, self.config, self.job.config, self.job.seed)
        self.batches = own_batches(entry.batches, whole, layouts, group.rank)
        self.shared = self._shared(layouts)
        self._take()

    def fit_step(self, batch: BatchPart, loss: Loss) -> torch.Tensor:
        """Return this process's part of the loss of a batch."""
        self._tables.begin_step(batch.touched)
        return self._encoder.fit_step(batch.batch, loss) * batch.share

    def encode(self) -> Embeddings:
        """Put the rows that lie here back into the files; who gave the job makes vectors of them.

        Returns:
            No vectors.
        """
        for name, whole in self._files.tensors(to_write=True).items():
            own = array(self.state()[name])
            if (shares := self.shared.shares.get(name)) is not None:
                before = 0
                for rows in shares.stretches(self._group.rank):
                    count = rows.stop - rows.start
                    whole[rows] = own[before : before + count]
                    before += count
            elif self._group.rank == 0:
                whole[...] = own
        self._group.wait()
        empty = np.zeros((0, self.config.dimension), dtype=np.float32)
        return Embeddings(empty, empty)

    def state(self) -> dict[str, torch.Tensor]:
        """Return the tensors of the model, of tables the rows that lie here."""
        return self._encoder.state()

    def _shared(self, layouts: Layouts) -> SharedTensors:
        state = self.state()
        of = {name: self._tables.layout_of(one) for name, one in state.items()}
        shares = {name: layouts[rows] for name, rows in of.items() if rows is not None}
        trained = [name for name, one in state.items() if one.requires_grad]
        return SharedTensors(trained, shares, self._group)

    def _take(self) -> None:
        state = self.state()
        with torch.no_grad():
            for name, whole in self._files.tensors().items():
                shares = self.shared.shares.get(name)
                if shares is None:
                    state[name].copy_(tensor(whole))
                else:
                    held = [whole[rows] for rows in shares.stretches(self._group.rank)]
                    state[name].copy_(tensor(np.concatenate(held)))


def _layouts(material: TrainingData, config: Any, size: int) -> Layouts:
    events, facts = material.events, material.knowledge
    nodes: tuple[int, ...] = events.n_users, events.n_items
    if isinstance(config, RelationalConfig) and config.relations == "all" and facts is not None:
        nodes = (*nodes, len(facts.entities))
    return {
        "nodes": RowShares(nodes, size),
        "users": RowShares((events.n_users,), size),
        "items": RowShares((events.n_items,), size),
    }


class WorkerGroup:
    """What the loop asks of all processes."""

    def __init__(self, group: GlooGroup, shared: SharedTensors) -> None:
        self._group, self._shared = group, shared

    def total(self, loss: torch.Tensor) -> float:
        """Return the loss of a batch, given each process's part of it."""
        return self._group.total(float(loss.detach()))

    def any(self, here: bool) -> bool:
        """Return whether it is so in any process."""
        return self._group.total(float(here)) > 0

    def add_gradients(self, tensors: Iterable[torch.Tensor]) -> None:
        """Add up the gradients of what every process has whole."""
        for name, one in zip(self._shared.trained, tensors, strict=True):
            if name not in self._shared.shares and one.grad is not None:
                self._group.add(one.grad)

    def write(self, path: Path, content: Mapping[str, Any]) -> None:
        """Keep a state to continue from."""
        sharded_state.write(path, content, self._shared)

    def read(self, path: Path) -> dict[str, Any] | None:
        """Return the rows of the kept state that lie here."""
        return sharded_state.read(path, self._shared)


class Worker:
    """One of the processes.

    Args:
        group: All of them.
        heard: Jobs and answers, as they come in.
        news: Where news goes.
    """

    def __init__(self, group: GlooGroup, heard: "queue.SimpleQueue[Any]", news: IO[str]) -> None:
        self._group, self._heard, self._news = group, heard, news

    def serve(self) -> None:
        """Carry out jobs until the process is ended."""
        while True:
            self._carry_out(JobFiles(Path(self._heard.get())))

    def _carry_out(self, files: JobFiles) -> None:
        first = self._group.rank == 0
        try:
            encoder = ShardedEncoder(files, self._group)
            job = encoder.job
            hooks = TrainingHooks(
                validate=self._validate if job.validated else None,
                report=self._report if first else lambda _: None,
                should_stop=files.stop.exists if first else lambda: False,
                save_to=Path(job.state) if job.state else None,
                fingerprint=job.fingerprint,
                group=WorkerGroup(self._group, encoder.shared),
            )
            outcome = train(encoder, encoder.batches, job.config, hooks)
            encoder.encode()
        except EngineError as error:
            kind = type(error).__name__
            self._tell({"failed": kind, "message": error.message, "hint": error.hint})
            return
        if first:
            self._tell({"finished": asdict(outcome)})

    def _validate(self, _: Embeddings) -> float:
        metric = 0.0
        if self._group.rank == 0:
            self._tell({"validate": True})
            metric = float(self._heard.get())
        return self._group.total(metric)

    def _report(self, progress: Progress) -> None:
        self._tell({"progress": asdict(progress)})

    def _tell(self, what: Mapping[str, Any]) -> None:
        print(json.dumps(what), file=self._news, flush=True)


def listened(lines: IO[str]) -> "queue.SimpleQueue[Any]":
    """Return what comes in by lines, as it comes; the process ends when no more can."""
    heard: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def listen() -> None:
        for line in lines:
            heard.put(json.loads(line))
        # Nobody is there any more; what else runs here may wait for a process that has ended.
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    return heard


def only_news() -> IO[str]:
    """Return where news goes; what libraries print is none, and goes to the log from now on.

    Those that are no Python print past ``sys.stdout``: MKL and oneDNN do when asked to tell more.
    """
    news = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdout = sys.stderr
    return news


def main() -> None:
    """Be one of the processes that the environment names."""
    news = only_news()
    heard = listened(sys.stdin)  # before it waits for the others, who may never come
    with suppress(KeyboardInterrupt):
        group = GlooGroup(int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"]), Path(sys.argv[1]))
        Worker(group, heard, news).serve()


if __name__ == "__main__":
    main()

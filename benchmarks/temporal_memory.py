"""`tgat` with and without memory, on validation: no test part is looked at.

    python -m benchmarks.temporal_memory ml-100k FOLDER --memory 0,64
    python -m benchmarks.temporal_memory completejourney --set epochs=2

Of ml-100k each user's event before the last is to be predicted, every item ranked, new items only;
of the 300 households that the engine brings, the week before the oldest of four cuts. Prints ndcg
after every epoch and the processor seconds of its steps, on one thread; after the last epoch the
mean over ``--seeds``, and the difference from the first memory, paired over users. ``--set
NAME=VALUE`` is a setting of the model or of training.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from benchmarks import offline
from engine.data.splits import Split
from engine.data.training_data import TrainingData
from engine.evaluation import ranking
from engine.evaluation.protocols import protocol_named
from engine.evaluation.significance import paired_bootstrap
from engine.experiments.training_request import TrainingRequest
from engine.models import MODELS
from engine.models.encoder import Embeddings
from engine.training.batch_factories import SOURCES
from engine.training.seed import generator
from engine.training.trainer import Progress, TrainingHooks, train


def validation(data: str, folder: Path | None) -> tuple[Split, dict[str, bool], int]:
    """Return known and asked events, the questions by name, and the cutoff."""
    if data == "ml-100k":
        if folder is None:
            raise SystemExit("ml-100k is read from its FOLDER")
        events, name, cuts = offline.ml_100k_catalogue(folder).events, "next-item", None
        questions = {"new items only": False}
    else:
        events = offline.completejourney_catalogue(packaged=True).events
        name, cuts = "window", 4
        questions = {"new items only": False, "seen items allowed": True}
    protocol = protocol_named(name, cuts=cuts)
    task = protocol.tasks(events, lambda draw: generator(0, draw))[0]
    return task.validation, questions, 10 if data == "ml-100k" else 20


class Watch:
    """Figures after each epoch, of its users after the last, and processor seconds of its steps."""

    def __init__(self, parts: Split, questions: dict[str, bool], k: int) -> None:
        self._metric, self._k = f"ndcg@{k}", k
        self._loss, self._began = 0.0, time.process_time()
        self._tasks = {
            name: ranking.task(parts.earlier, parts.later, include_seen=seen)
            for name, seen in questions.items()
        }
        self.seconds: list[float] = []
        self.of_users: dict[str, np.ndarray] = {}

    def report(self, progress: Progress) -> None:
        self._loss = progress.loss

    def validate(self, found: Embeddings) -> float:
        self.seconds.append(time.process_time() - self._began)
        self.of_users = {
            name: ranking.evaluate(task, found.score, (self._k,)).per_user[self._metric]
            for name, task in self._tasks.items()
        }
        text = ", ".join(f"{name} {value.mean():.4f}" for name, value in self.of_users.items())
        epoch, spent = len(self.seconds), self.seconds[-1]
        print(f"  epoch {epoch}: loss {self._loss:.3f}, {spent:.1f} s, {text}", flush=True)
        self._began = time.process_time()
        return 0.0


def trained(given: argparse.Namespace, memory: str, seed: int) -> Watch:
    """Train for all epochs and return what was seen."""
    parts, questions, k = validation(given.data, given.folder)
    settings = dict(text.split("=", 1) for text in given.set) | {"memory": memory}
    request = TrainingRequest("tgat", settings | {"patience": "1000"})
    model, config = request.configs_for(parts.earlier)
    entry, material = MODELS["tgat"], TrainingData(parts.earlier)
    print(f"memory={memory}, seed {seed}", flush=True)
    encoder = entry.build(material, model, generator(seed, "start"))
    batches = SOURCES[entry.batches](material, model, config, seed)
    watch = Watch(parts, questions, k)
    hooks = TrainingHooks(validate=watch.validate, report=watch.report)
    train(encoder, batches, config, hooks)
    return watch


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", choices=["ml-100k", "completejourney"])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--memory", default="0,64")
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    given = parser.parse_args()
    torch.set_num_threads(1)
    seeds = [int(text) for text in given.seeds.split(",")]
    of_users: dict[str, dict[str, np.ndarray]] = {}
    for memory in given.memory.split(","):
        watches = [trained(given, memory, seed) for seed in seeds]
        seconds = np.median([one for watch in watches for one in watch.seconds])
        for question in watches[0].of_users:
            values = np.stack([watch.of_users[question] for watch in watches])
            own = of_users.setdefault(question, {})
            own[memory] = values.mean(axis=0)
            seen = " ".join(f"{one:.4f}" for one in values.mean(axis=1))
            print(f"{question}, memory={memory}: {values.mean():.4f} ({seen}), {seconds:.1f} s")
            if len(own) > 1:
                first = next(iter(own.values()))
                gap = paired_bootstrap(own[memory], first, generator(0, "bootstrap"))
                print(f"  to the first: {gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]")


if __name__ == "__main__":
    main()

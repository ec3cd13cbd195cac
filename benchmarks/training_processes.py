"""Training in several processes against training in one.

python -m benchmarks.training_processes quality ml-100k/
python -m benchmarks.training_processes memory
python -m benchmarks.training_processes epochs ml-100k/ BEFORE/

``quality``: the best validation metric of a search in one process and in two, for every model that
can be trained in several. ``memory``: what a process holds more with vectors of 136 numbers than
with vectors of 8, in one and in two. ``epochs``: processor seconds of an epoch in one process with
this tree and with the one in BEFORE, in turns.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil

from benchmarks import offline
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.experiments.training_request import TrainingRequest
from engine.models import MODELS
from engine.training import batch_factories, seed
from engine.training.trainer import Progress, TrainingHooks, train
from engine.training.training_config import TrainingConfig

_MODELS = ("bpr-mf", "lightgcn", "item-lightgcn", "transe", "twhin", "sasrec")
_TURNS, _EPOCHS = 25, 1
_ROWS = {"u": 60_000, "i": 20_000}
_NARROW, _WIDE = 8, 136
_TRAINING = TrainingConfig(
    batch_size=16_384,
    negative_count=512,
    learning_rate=0.01,
    epochs=1,
    recency=0.0,
    shuffle="pairs",
)


def quality(folder: Path) -> None:
    from engine.experiments import experiment
    from engine.experiments.fitting import FitObserver
    from engine.training.processes.training_processes import TrainingProcesses

    material = offline.ml_100k(folder)
    with TrainingProcesses(2) as two, tempfile.TemporaryDirectory() as room:
        for name in _MODELS:
            request = TrainingRequest(name, {"epochs": "10"})
            parts = request.tasks(material)[0].validation
            found = []
            for lent in (None, two):
                began = time.monotonic()
                watch = FitObserver(processes=lent)
                place = Path(room) / f"{name}-{lent is None}"
                outcome = experiment.search(material, request, parts, place, watch)
                found.append((outcome.metric, outcome.epochs, time.monotonic() - began))
            shown = (f"{m:.4f} after {e} epochs in {s:.0f} s" for m, e, s in found)
            print(f"{name}: " + "; ".join(shown), flush=True)


def generated() -> TrainingData:
    draw = np.random.default_rng(1)
    users, items = (Vocabulary([f"{of}{n}" for n in range(count)]) for of, count in _ROWS.items())
    user, item = (draw.integers(0, count, 2 * _ROWS["u"]) for count in _ROWS.values())
    return TrainingData(Interactions.of(users, items, user, item))


def held(name: str, count: int, dimension: int, material: TrainingData) -> list[int]:
    """Return the bytes that each process holds for itself at the last step but one."""
    from engine.training.processes.job_files import TrainingJob
    from engine.training.processes.training_processes import TrainingProcesses

    settings = MODELS[name].config(dimension=dimension, start="normal")
    encoder = MODELS[name].build(material, settings, seed.generator(0, "start"))
    seen: list[int] = []
    with TrainingProcesses(count) as processes, tempfile.TemporaryDirectory() as room:

        def look(progress: Progress) -> None:
            if progress.step == progress.steps - 1:
                ids = processes.ids
                seen.extend(psutil.Process(one).memory_full_info().uss for one in ids)

        job = TrainingJob(name, settings, _TRAINING, 0)
        files = Path(room) / "files"
        processes.train(encoder, job, material, files, TrainingHooks(report=look))
    return seen


def memory() -> None:
    material = generated()
    table = sum(_ROWS.values()) * (_WIDE - _NARROW) * 4 / 2**20
    for name in ("bpr-mf", "lightgcn"):
        for count in (1, 2):
            narrow, wide = (held(name, count, one, material) for one in (_NARROW, _WIDE))
            own = ((more - less) / 2**20 for less, more in zip(narrow, wide, strict=True))
            shown = ", ".join(f"{one:.0f}" for one in own)
            print(f"{name}, {count} processes, a table of {table:.0f} MB: {shown} MB", flush=True)


def epoch(folder: Path) -> None:
    """Train some epochs for every line that comes in, and say their processor seconds."""
    material = offline.ml_100k(folder)
    prepared = {}
    for name in ("lightgcn", "bpr-mf"):
        request = TrainingRequest(name, {"recency": "0"})
        model, training = request.configs_for(material.events)
        training = replace(training, epochs=_EPOCHS)
        encoder = MODELS[name].build(material, model, seed.generator(0, "start"))
        source = batch_factories.SOURCES["pairs"](material, model, training, 0)
        prepared[name] = encoder, source, training
    for line in sys.stdin:
        encoder, source, training = prepared[line.strip()]
        began = time.process_time()
        train(encoder, source, training, TrainingHooks())
        print(time.process_time() - began, flush=True)


def epochs(folder: Path, before: Path) -> None:
    trees = {"before": before, "after": Path(__file__).parents[1]}
    workers = {
        tree: subprocess.Popen(
            [sys.executable, __file__, "epoch", str(folder.resolve())],
            env={"PATH": "", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(place)},
            cwd=place,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for tree, place in trees.items()
    }
    for name in ("lightgcn", "bpr-mf"):
        seconds: dict[str, list[float]] = {tree: [] for tree in trees}
        for turn in range(_TURNS + 1):
            for tree in sorted(trees, reverse=turn % 2 == 1):
                print(name, file=workers[tree].stdin, flush=True)
                took = float(workers[tree].stdout.readline())
                if turn:  # the first warms up
                    seconds[tree].append(took)
        ratios = np.array(seconds["after"]) / np.array(seconds["before"])
        low, middle, high = np.quantile(ratios, (0.25, 0.5, 0.75))
        took = np.median(seconds["after"])
        print(f"{name}: {took:.2f} s, ratio {middle:.3f} ({low:.3f} to {high:.3f})", flush=True)
    for one in workers.values():
        one.stdin.close()
        one.wait()


if __name__ == "__main__":
    what, *places = sys.argv[1:]
    commands: dict[str, Callable[..., None]] = {
        "quality": quality,
        "memory": memory,
        "epoch": epoch,
        "epochs": epochs,
    }
    commands[what](*map(Path, places))

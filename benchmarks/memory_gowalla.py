"""What every model takes on Gowalla: seconds per epoch and the most memory of its process.

python -m benchmarks.memory_gowalla gowalla/ [MODEL ...]

Every model runs in a process of its own, with the settings it has by default: one epoch, or as many
steps as fit in half a minute and an epoch reckoned from them; then its vectors of everybody, or for
a plain method the scores of a thousand users. Models that need features get two made-up words per
item. A process that only reads the split is the floor.
"""

import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.data.feature_encoding import encode
from engine.data.features import NodeFeatures
from engine.data.interactions import Interactions
from engine.data.reading.adjacency_lists import read_split
from engine.data.training_data import TrainingData
from engine.errors import EngineError
from engine.experiments.training_request import TrainingRequest
from engine.models import MODELS, PLAIN, trainable
from engine.models.registry_entries import ModelEntry
from engine.training import seed
from engine.training.batch_factories import SOURCES
from engine.training.trainer import Progress, TrainingHooks, train

_MOST_SECONDS = 30.0
_FLOOR = "nothing"
_OWN = {"pinsage": {"pairs": "together"}}  # the split has no times, so no item comes after another


def measured(name: str, folder: Path) -> str:
    """Run one model in this process and return what it took."""
    train_part = read_split(folder).earlier
    if name == _FLOOR:
        return f"reads the split, {_mebibytes():,} MiB"
    entry = trainable(name) if name in MODELS else PLAIN[name]
    began = time.perf_counter()
    if isinstance(entry, ModelEntry):
        return f"{_epoch(name, entry, train_part)}, {_mebibytes():,} MiB"
    method = entry.build(train_part, entry.config(), seed.generator(0, "start"))
    built = time.perf_counter() - began
    method.score(np.arange(1_000, dtype=np.int64))
    return f"built in {built:.1f} s, {_mebibytes():,} MiB"


def _epoch(name: str, entry: ModelEntry, events: Interactions) -> str:
    """Train for an epoch or half a minute, make the vectors, and return seconds per epoch."""
    settings = {"recency": "0", "epochs": "1", **_OWN.get(name, {})}
    model, config = TrainingRequest(name, settings).configs_for(events)
    features = NodeFeatures(items=_made_up(events)) if "features" in entry.needs else NodeFeatures()
    material = TrainingData(events, features=features)
    encoder = entry.build(material, model, seed.generator(0, "start"))
    source = SOURCES[entry.batches](material, model, config, 0)
    began, step = time.monotonic(), 0

    def report(progress: Progress) -> None:
        nonlocal step
        step = progress.step

    hooks = TrainingHooks(
        report=report, should_stop=lambda: bool(step) and time.monotonic() - began > _MOST_SECONDS
    )
    train(encoder, source, replace(config, epochs=1), hooks)
    each = (time.monotonic() - began) / step
    encoder.encode()
    return f"{each * source.steps:.0f} s per epoch ({step} of {source.steps} steps measured)"


def _made_up(events: Interactions) -> np.ndarray:
    ids = events.items.ids
    words = {id_: {"tens": f"t{int(id_) % 97}", "halves": f"h{int(id_) % 13}"} for id_ in ids}
    found = encode(ids, words)
    assert found is not None
    return found


def _mebibytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(folder: Path, names: list[str]) -> None:
    """Print a line per model."""
    for name in names or [_FLOOR, *PLAIN, *MODELS]:
        command = [sys.executable, "-m", "benchmarks.memory_gowalla", "--one", name, str(folder)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        last = (done.stdout or done.stderr).strip().splitlines()[-1:]
        print(f"{name}: {''.join(last)}", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        try:
            print(measured(sys.argv[2], Path(sys.argv[3])))
        except EngineError as refused:
            print(f"refused: {refused}")
    else:
        main(Path(sys.argv[1]), sys.argv[2:])

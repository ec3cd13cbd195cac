r"""Batches, negatives and step size by the size of the data beside those that one gives.

    python -m benchmarks.training_sizes ml-100k FOLDER --model gat --seed 1 \
        --set shuffle=pairs,batch_size=4096,negative_count=512,learning_rate=0.01
    python -m benchmarks.training_sizes zipf-3000000 --model bpr-mf --set optimiser=adam,epochs=2

Data are ml-100k, lastfm and gowalla, each with its folder, completejourney (the whole),
households (those of the demo), and so many generated events (``benchmarks.growth_data``). For the
defaults and for each ``--set``: the best validation metric of the first training of an experiment,
its epoch, and the seconds of an epoch, validation left out.
No test part is looked at.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks import growth_data, link_prediction_lastfm, offline
from engine.data.interactions import Interactions
from engine.data.reading.adjacency_lists import read_split
from engine.data.splits import SplitKind
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.experiments import experiment
from engine.experiments.fitting import FitObserver
from engine.experiments.training_request import TrainingRequest
from engine.training.trainer import Progress


def main() -> None:
    """Print a line for each of the settings."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data")
    parser.add_argument("folder", type=Path, nargs="?", default=Path())
    parser.add_argument("--model", default="lightgcn")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], help="NAME=VALUE,NAME=VALUE")
    given = parser.parse_args()
    material, split = _read(given.data, given.folder)
    for words in ("", *given.set):
        settings = dict(word.split("=") for word in words.split(",") if word)
        request = TrainingRequest(given.model, settings, split=split, seed=given.seed)
        watch = _Epochs()
        with tempfile.TemporaryDirectory() as states:
            parts = request.validations(material)[0].parts
            found = experiment.search(material, request, parts, Path(states), watch.observer())
        print(
            f"{given.data} {given.model} seed {given.seed} {words or 'defaults'}: "
            f"{found.metric:.4f} in epoch {found.epochs} of {len(found.history)}, "
            f"{watch.seconds / len(found.history):.2f} s an epoch",
            flush=True,
        )


class _Epochs:
    """Adds up what steps take; validation lies between the last of an epoch and the next."""

    def __init__(self) -> None:
        self.seconds, self._last = 0.0, 0.0

    def observer(self) -> FitObserver:
        return FitObserver(self._step, should_stop=self._begins)

    def _begins(self) -> bool:
        self._last = time.monotonic()
        return False

    def _step(self, _stage: str, _progress: Progress) -> None:
        self.seconds += time.monotonic() - self._last


def _read(name: str, folder: Path) -> tuple[TrainingData, SplitKind]:
    if name == "ml-100k":
        return offline.ml_100k(folder), "time"
    if name == "lastfm":
        listens, _ = link_prediction_lastfm.read(folder)
        pairs = [(user, item) for user, items in listens.items() for item in items]
        users, items = ([pair[n] for pair in pairs] for n in (0, 1))
        return TrainingData(offline.interactions(users, items, [0] * len(pairs))), "random"
    if name == "gowalla":
        return TrainingData(read_split(folder).earlier), "blocked"
    if name.startswith("zipf-"):
        return _generated(int(name.removeprefix("zipf-"))), "time"
    return offline.completejourney(packaged=name == "households"), "time"


def _generated(events: int) -> TrainingData:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, growth_data.EVENTS)
        growth_data.write("zipf", events, path)
        table = pl.read_parquet(path).sort("user_id", "timestamp", "item_id")
    names = "user_id", "item_id"
    ids = [table[name].unique().sort() for name in names]
    users, items = (Vocabulary(one.to_list()) for one in ids)
    user, item = (table[name].rank("dense").to_numpy().astype(np.int64) - 1 for name in names)
    at = table["timestamp"].to_numpy() * 1_000
    return TrainingData(Interactions.of(users, items, user, item, at=at, events=("had",)))


if __name__ == "__main__":
    main()

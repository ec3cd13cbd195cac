"""`sasrec` beside RecTools' SASRec: one budget of processor time, one protocol, every item ranked.

    python -m benchmarks.sasrec_rectools ml-100k FOLDER --python RECTOOLS/bin/python
    python -m benchmarks.sasrec_rectools completejourney FOLDER --python RECTOOLS/bin/python

FOLDER holds RecBole's files of MovieLens 100k, or events.csv.gz. RECTOOLS is an environment with
``pip install 'rectools[torch]'``. By ``next-item``, both train on what is left without the last two
events, and the number of epochs with the best ndcg@10 of the event before the last is chosen; ours
first, and RecTools' while it has taken less processor time. Both then train so many epochs on what
is left without the last event, which is judged: ndcg@10, hit@10 and the paired difference with the
95 % interval of a bootstrap over users. One thread each. Both are judged as they are, without a
blend. ``--set NAME=VALUE`` is a setting of ours, ``--theirs JSON`` are settings of theirs.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import torch

from benchmarks import offline
from engine.data.interactions import Interactions
from engine.data.splits import Split
from engine.data.training_data import TrainingData
from engine.evaluation import ranking
from engine.evaluation.protocols import NextItemProtocol
from engine.evaluation.ranking import RankingQuality, RankingTask
from engine.evaluation.significance import paired_bootstrap
from engine.experiments.training_request import TrainingRequest
from engine.models import MODELS
from engine.models.encoder import Embeddings, Encoder
from engine.training import seed as seeds
from engine.training.batch_factories import SOURCES
from engine.training.trainer import TrainingHooks, train

K = 10
EVERY = 5
"""Epochs of RecTools between two looks at the validation part."""
THEIRS = {
    "n_blocks": 2,
    "n_heads": 2,
    "n_factors": 64,
    "session_max_len": 50,
    "dropout_rate": 0.2,
    "loss": "softmax",
    "lr": 0.001,
    "batch_size": 128,
}
"""The sizes of ours; the softmax over all items, its default, is the best of its losses here."""


def events_of(name: str, folder: Path) -> Interactions:
    """Return the events of a data set."""
    if name == "ml-100k":
        return offline.ml_100k(folder).events
    frame = pl.read_csv(folder / "events.csv.gz", infer_schema=False)
    at = frame["timestamp"].str.to_datetime(time_zone="UTC").dt.epoch("ms").to_list()
    return offline.interactions(frame["user_id"].to_list(), frame["item_id"].to_list(), at)


def question(parts: Split) -> RankingTask:
    """Return what is asked: of new items only."""
    return ranking.task(parts.earlier, parts.later, include_seen=False)


def ours(events: Interactions, request: TrainingRequest, epochs: int, asked: RankingTask | None):
    """Train; return the model, its best epoch of those (the last without ``asked``), seconds."""
    entry = MODELS["sasrec"]
    config, training = TrainingRequest(
        "sasrec", {**request.settings, "epochs": str(epochs), "patience": str(epochs)}
    ).configs_for(events)
    material = TrainingData(events)
    spent, found = 0.0, []
    began = time.process_time()

    def validate(embeddings: Embeddings) -> float:
        nonlocal spent, began
        assert asked is not None
        spent += time.process_time() - began
        found.append(ranking.evaluate(asked, embeddings.score, (K,)).means[f"ndcg@{K}"])
        print(f"  ours, epoch {len(found)}: {found[-1]:.4f}, {spent:.0f} s", flush=True)
        began = time.process_time()
        return found[-1]

    model: Encoder = entry.build(material, config, seeds.generator(0, "start"))
    batches = SOURCES[entry.batches](material, config, training, 0)
    train(model, batches, training, TrainingHooks(validate=validate if asked else None))
    spent += time.process_time() - began
    return model, 1 + int(np.argmax(found)) if found else epochs, spent


def theirs(
    python: str, events: Interactions, asked: RankingTask, settings: dict, until: tuple
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return lists, epochs and seconds of RecTools; ``until`` is (every, epochs, seconds)."""
    with tempfile.TemporaryDirectory() as folder:
        given, out = Path(folder) / "given.npz", Path(folder) / "lists.npz"
        np.savez(
            given,
            user=events.user,
            item=events.item,
            at=events.at,
            asked=asked.users,
            seen=np.array(asked.hidden is None),
        )
        script = str(Path(__file__).with_name("rectools_lists.py"))
        call = [python, script, str(given), str(out), json.dumps(settings), *map(str, until)]
        alone = {**os.environ, "PYTHONPATH": "", "OMP_NUM_THREADS": "1"}
        subprocess.run(call, check=True, env=alone, stdout=subprocess.DEVNULL, stderr=None)
        with np.load(out) as found:
            return found["lists"], found["epochs"], found["seconds"]


def shown(name: str, quality: RankingQuality, epochs: int, seconds: tuple[float, float]) -> None:
    """Print a row of the table; of one item, recall is whether it was hit."""
    ndcg, hit = (quality.means[f"{metric}@{K}"] for metric in ("ndcg", "recall"))
    search, final = seconds
    print(
        f"| {name} | {ndcg:.4f} | {hit:.4f} | {epochs} | {search:.0f} | {final:.0f} |", flush=True
    )


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", choices=["ml-100k", "completejourney"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--python", required=True)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--theirs", type=json.loads, default={})
    given = parser.parse_args()
    torch.set_num_threads(1)
    draw = partial(seeds.generator, 0)
    task = NextItemProtocol().tasks(events_of(given.data, given.folder), draw)[0]
    request = TrainingRequest("sasrec", dict(text.split("=", 1) for text in given.set))
    inner, final = question(task.validation), question(task.parts)
    _, epochs, search = ours(task.validation.earlier, request, given.epochs, inner)
    model, _, fit = ours(task.parts.earlier, request, epochs, None)
    own = ranking.evaluate(final, model.encode().score, (K,))
    settings = THEIRS | given.theirs
    lists, steps, spent = theirs(
        given.python, task.validation.earlier, inner, settings, (EVERY, 1_000, search)
    )
    values = [ranking.measure(inner, one, (K,)).means[f"ndcg@{K}"] for one in lists]
    for step, value, seconds in zip(steps, values, spent, strict=True):
        print(f"  RecTools, epoch {step}: {value:.4f}, {seconds:.0f} s", flush=True)
    best = int(steps[int(np.argmax(values))])
    last, _, took = theirs(given.python, task.parts.earlier, final, settings, (best, best, "inf"))
    other = ranking.measure(final, last[-1], (K,))
    print("| model | ndcg@10 | hit@10 | epochs | s to choose | s to train |")
    shown("sasrec", own, epochs, (search, fit))
    shown("RecTools SASRec", other, best, (float(spent[-1]), float(took[-1])))
    name = f"ndcg@{K}"
    gap = paired_bootstrap(
        own.per_user[name], other.per_user[name], seeds.generator(0, "bootstrap")
    )
    print(f"difference {gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}], {len(final.users)} users")


if __name__ == "__main__":
    main()

"""RecTools' SASRec on events of a file, for ``benchmarks.sasrec_rectools``; knows no engine.

    python benchmarks/rectools_lists.py GIVEN.npz LISTS.npz SETTINGS EVERY UNTIL [SECONDS]

GIVEN holds user, item, at (events in order), asked (users) and seen (whether lists may hold what a
user had). After every EVERY epochs, up to UNTIL or until so many processor SECONDS are over, the
best 10 items of each asked user are kept, with the processor seconds so far. SETTINGS is JSON. Runs
in an environment of its own: ``pip install 'rectools[torch]'``.
"""

import json
import os
import sys
import time
import warnings

os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")

import numpy as np
import pandas as pd
import torch
from pytorch_lightning import seed_everything
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import SASRecModel

K = 10


def main(given: str, out: str, settings: str, every: int, until: int, seconds: float) -> None:
    """Train, and keep lists on the way."""
    warnings.filterwarnings("ignore")
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    seed_everything(0, workers=True)
    data = np.load(given)
    frame = pd.DataFrame(
        {
            Columns.User: data["user"],
            Columns.Item: data["item"],
            Columns.Weight: 1.0,
            Columns.Datetime: pd.to_datetime(data["at"], unit="ms"),
        }
    )
    dataset = Dataset.construct(frame)
    model = SASRecModel(**json.loads(settings), deterministic=True, verbose=0)
    kept, spent, epochs = [], [], []
    while (epochs[-1] if epochs else 0) < until and (not spent or spent[-1] < seconds):
        began = time.process_time()
        model.fit_partial(dataset, min_epochs=every, max_epochs=every)
        spent.append((spent[-1] if spent else 0.0) + time.process_time() - began)
        epochs.append((epochs[-1] if epochs else 0) + every)
        kept.append(lists(model, dataset, data["asked"], seen=bool(data["seen"])))
    np.savez(out, lists=np.array(kept), seconds=np.array(spent), epochs=np.array(epochs))


def lists(model: SASRecModel, dataset: Dataset, asked: np.ndarray, *, seen: bool) -> np.ndarray:
    """Return ``(len(asked), K)`` items, best first, -1 where there are fewer."""
    found = model.recommend(users=asked, dataset=dataset, k=K, filter_viewed=not seen)
    place = pd.Series(np.arange(len(asked)), index=asked)
    result = np.full((len(asked), K), -1, dtype=np.int64)
    rows = place.loc[found[Columns.User]].to_numpy()
    result[rows, found[Columns.Rank].to_numpy() - 1] = found[Columns.Item].to_numpy()
    return result


if __name__ == "__main__":
    model, known, lists_to = sys.argv[1:4]
    main(model, known, lists_to, int(sys.argv[4]), int(sys.argv[5]), float([*sys.argv, "inf"][6]))

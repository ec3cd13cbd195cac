"""Train LightGCN on the Gowalla split and print recall@20 and ndcg@20 beside the published ones.

    python benchmarks/train_gowalla.py DATA --layers 3 --epochs 30

DATA holds train.txt.gz and test.txt.gz (adjacency lists). The number of epochs is given, not found
on the test part; the figures are those of full ranking over all items not in train.
"""

import argparse
import gzip
import time
from pathlib import Path

import numpy as np

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.evaluation import ranking
from engine.models import entry
from engine.models.options import configure
from engine.training import seed
from engine.training.options import TrainingConfig
from engine.training.trainer import Hooks, Progress, train

PUBLISHED = {1: (0.1755, 0.1492), 2: (0.1777, 0.1524), 3: (0.1823, 0.1555), 4: (0.1830, 0.1550)}


def read(folder: Path) -> tuple[Interactions, Interactions]:
    users, items, parts = [], [], []
    for part, name in enumerate(("train", "test")):
        with gzip.open(folder / f"{name}.txt.gz", "rt") as file:
            for line in file:
                head, *rest = map(int, line.split())
                users += [head] * len(rest)
                items += rest
                parts += [part] * len(rest)
    order = np.argsort(np.array(users), kind="stable")
    count = len(order)
    data = Interactions(
        users=Vocabulary([str(row) for row in range(max(users) + 1)]),
        items=Vocabulary([str(row) for row in range(max(items) + 1)]),
        user=np.array(users, dtype=np.int32)[order],
        item=np.array(items, dtype=np.int32)[order],
        weight=np.ones(count, dtype=np.float32),
        at=np.zeros(count, dtype=np.int64),
        event=np.zeros(count, dtype=np.int16),
        events=("checkin",),
    )
    later = np.array(parts)[order] == 1
    return data.select(~later), data.select(later)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--layers", default="3")
    parser.add_argument("--epochs", default="20")
    parser.add_argument("--batch", default="16384")
    parser.add_argument("--negatives", default="in-batch")
    parser.add_argument("--rate", default="0.01")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    known, asked = read(options.data)
    began = time.perf_counter()
    chosen = entry("lightgcn")
    config = configure(chosen.config, {"layers": options.layers})
    encoder = chosen.build(known, config, seed.generator(options.seed, "start"))
    print(f"spectral start: {time.perf_counter() - began:.1f} s")
    training = configure(
        TrainingConfig,
        {
            "epochs": options.epochs,
            "batch_size": options.batch,
            "negatives": options.negatives,
            "learning_rate": options.rate,
            "recency": "0",
        },
    )
    question = ranking.task(known, asked, include_seen=False)
    last = 0

    def report(now: Progress) -> None:
        nonlocal last
        if now.epoch != last:
            last = now.epoch
            print(f"epoch {now.epoch}: {time.perf_counter() - began:.0f} s, {now.loss:.4f}")

    train(encoder, known, training, Hooks(report=report), run_seed=options.seed)
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    found = ranking.evaluate(question, encoder.encode().score, (20,)).means
    published = PUBLISHED.get(int(options.layers), (float("nan"),) * 2)
    print(f"trained in {seconds:.0f} s; ranked in {time.perf_counter() - began:.1f} s")
    print(f"recall@20 {found['recall@20']:.4f} (published {published[0]:.4f})")
    print(f"ndcg@20   {found['ndcg@20']:.4f} (published {published[1]:.4f})")


if __name__ == "__main__":
    main()

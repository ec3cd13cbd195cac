"""PinSage and its ablations, item to item: does the order of the paper hold?

python -m benchmarks.pinsage_ordering completejourney
python -m benchmarks.pinsage_ordering ml-100k FOLDER

FOLDER holds RecBole's files of MovieLens 100k; --packaged takes the 300 households that the engine
brings in place of all. Test pairs are consecutive purchases in the last fifth of the events
(completejourney), or two items of a user's fifth that was drawn for the test (ml-100k). The paper
counts hits among the first 500 of a sample of millions; here k is 1 % of the catalogue, and the
step of the scaled MRR a fifth of k, as there. Every seed draws the pairs, the weights and the
batches (ml-100k: the split too); intervals are Student's over seeds, differences paired by seed.
With --valid the last part of the training events takes the place of the test, to choose settings
by.
"""

import argparse
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import stats

from benchmarks import offline
from engine.data import splits
from engine.data.model_options import configure
from engine.data.training_data import TrainingData
from engine.evaluation import item_to_item
from engine.evaluation.item_to_item import PairQuality
from engine.models import MODELS
from engine.models.pinsage import ABLATIONS, PinSage, PinSageConfig
from engine.training import seed as seeds
from engine.training.batch_factories import SOURCES
from engine.training.item_pairs import Consecutive, Together
from engine.training.trainer import TrainingHooks, train
from engine.training.training_config import TrainingConfig

SHARE = 0.01
CHAIN = ("features-alone", "mean-pooling", "mean-pooling-hard", "full")
# Chosen with --valid and seed 100. Scores are inner products, as in the paper.
SETTINGS = {
    "completejourney": {
        "pairs": "consecutive",
        "scoring": "dot",
        "epochs": "5",
        "batch_size": "4096",
        "learning_rate": "0.006",
        "hard_from": "300",
        "hard_to": "1000",
    },
    "ml-100k": {
        "pairs": "together",
        "scoring": "dot",
        "epochs": "8",
        "learning_rate": "0.003",
    },
}


@dataclass(frozen=True)
class Data:
    """What is trained on, and the pairs to find."""

    known: TrainingData
    queries: np.ndarray
    positives: np.ndarray


def cut(name: str, material: TrainingData, seed: int, *, valid: bool) -> Data:
    """Split events and draw the pairs of the later part, both of whose items are known."""
    kind: splits.SplitKind = "time" if name == "completejourney" else "random"
    parts = splits.split(material.events, kind, seeds.generator(seed, "split"), 0.2)
    if valid:
        parts = splits.split(parts.earlier, kind, seeds.generator(seed, "valid"), 0.2)
    pairs = Consecutive if kind == "time" else Together
    queries, positives, _ = pairs(parts.later, 0.0).drawn(seeds.generator(seed, "pairs"))
    there = parts.earlier.item_counts() > 0
    kept = there[queries] & there[positives] & (queries != positives)
    return Data(material.of(parts.earlier), queries[kept], positives[kept])


def found(data: Data, items: np.ndarray) -> PairQuality:
    """Measure vectors of items."""
    known = data.known.events.item_counts() > 0
    ranks = item_to_item.ranks(items, known, (data.queries, data.positives))
    return item_to_item.measure(ranks, int(known.sum()), SHARE)


def popularity(data: Data) -> PairQuality:
    """Measure the list of the most popular items, the same beside every item."""
    return found(data, data.known.events.item_counts().astype(np.float32)[:, None])


def run(data: Data, settings: dict[str, str], seed: int) -> PairQuality:
    """Train one variant and measure it."""
    own = {key: text for key, text in settings.items() if key in PinSageConfig.__annotations__}
    rest = {key: text for key, text in settings.items() if key not in own}
    model_config = configure(PinSageConfig, own)
    config = configure(TrainingConfig, dict(MODELS["pinsage"].training) | rest)
    model = PinSage(data.known, model_config, seeds.generator(seed, "start"))
    batches = SOURCES["item-pairs"](data.known, model_config, config, seed)
    train(model, batches, config, TrainingHooks())
    return found(data, model.encode().items)


def interval(values: Sequence[float]) -> str:
    """Return mean and Student's 95 % interval."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return f"{mean:+.4f}"
    half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    return f"{mean:+.4f} [{mean - half:+.4f}, {mean + half:+.4f}]"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", choices=SETTINGS)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--packaged", action="store_true")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--valid", action="store_true")
    parser.add_argument("--variants", nargs="*", default=list(ABLATIONS))
    parser.add_argument("--set", nargs="*", default=[], dest="settings")
    given = parser.parse_args()
    material = offline.material(given.folder, packaged=given.packaged)
    more = dict(one.split("=") for one in given.settings)
    results: dict[str, list[PairQuality]] = {}
    for seed in range(given.seeds):
        data = cut(given.data, material, seed, valid=given.valid)
        results.setdefault("popularity", []).append(popularity(data))
        for name in given.variants:
            began = time.monotonic()
            one = run(data, SETTINGS[given.data] | more | ABLATIONS[name], seed)
            results.setdefault(name, []).append(one)
            print(
                f"  seed {seed} {name:18} hit {one.hit_rate:.4f}  mrr {one.mrr:.4f}  "
                f"{time.monotonic() - began:.0f} s, {len(data.queries)} pairs",
                flush=True,
            )
    n_items = int((data.known.events.item_counts() > 0).sum())
    k, step = item_to_item.cutoff_of(n_items, SHARE)
    print(f"{given.data}: {n_items} items, k = {k}, MRR scaled by {step}")
    for name, rows in results.items():
        print(
            f"{name:18} hit-rate {interval([one.hit_rate for one in rows])}  "
            f"MRR {interval([one.mrr for one in rows])}"
        )
    chain = [name for name in CHAIN if name in results]
    for less, better in itertools.pairwise(chain):
        pairs = list(zip(results[less], results[better], strict=True))
        print(
            f"{less} -> {better}: hit-rate {interval([b.hit_rate - a.hit_rate for a, b in pairs])}"
            f"  MRR {interval([b.mrr - a.mrr for a, b in pairs])}"
        )


if __name__ == "__main__":
    main()

"""Items held out of training, by what a model makes of their attributes and edges.

python -m benchmarks.unseen_items completejourney
python -m benchmarks.unseen_items ml-100k FOLDER

FOLDER holds RecBole's files of MovieLens 100k; --packaged takes the 300 households that the engine
brings in place of all. A fifth of the items leaves the training data. Their vectors are made from
attributes and half of their events (``edges``), or from attributes alone (``cold``); the users of
the other half are to be found among the held items: recall@20, and its difference from cosine of
attributes and from popularity (the shown events), over users and all seeds, with the 95 % interval
of a paired bootstrap over users.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import offline
from engine.data.features import NodeFeatures
from engine.data.training_data import TrainingData
from engine.evaluation import ranking, unseen_items
from engine.evaluation.significance import paired_bootstrap
from engine.evaluation.unseen_items import UnseenItems
from engine.experiments.training_request import TrainingRequest
from engine.models import MODELS
from engine.training import seed as seeds
from engine.training.batch_factories import SOURCES
from engine.training.trainer import TrainingHooks, train

K = 20
Vectors = tuple[np.ndarray, np.ndarray]
Edges = tuple[np.ndarray, np.ndarray]
SETTINGS = {
    "graphsage": {"inputs": "features", "epochs": "5", "batch_size": "2048", "recency": "0"},
    "pinsage": {"epochs": "6", "learning_rate": "0.003"},
}
PAIRS = {"completejourney": "consecutive", "ml-100k": "together"}


def trained(name: str, data: UnseenItems, features: np.ndarray, more: dict[str, str], seed: int):
    """Train a model on what is known; return users and what makes vectors of held items."""
    entry = MODELS[name]
    given = SETTINGS[name] | more
    model_config, config = TrainingRequest(name, given).configs_for(data.known)
    material = TrainingData(data.known, features=NodeFeatures(items=features[data.kept]))
    model: Any = entry.build(material, model_config, seeds.generator(seed, "start"))
    train(
        model, SOURCES[entry.batches](material, model_config, config, seed), config, TrainingHooks()
    )

    return model.encode().users, lambda edges: model.embed("items", features[data.held], edges)


def methods(
    data: UnseenItems, features: np.ndarray, more: dict[str, str], seed: int
) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Return every method's scores of the held items."""
    none = np.empty(0, dtype=np.int64)
    popular = unseen_items.popularity(data)
    users, items = unseen_items.by_attributes(data, features)
    found = {
        "popularity": lambda rows: np.tile(popular, (len(rows), 1)),
        "attributes": lambda rows: users[rows] @ items.T,
    }
    for name in SETTINGS:
        began = time.monotonic()
        own = {key: text for key, text in more.items() if name == "pinsage" or key != "pairs"}
        of_users, embed = trained(name, data, features, own, seed)
        for how, edges in (("edges", data.shown), ("cold", (none, none))):
            of_items = embed(edges)
            found[f"{name} {how}"] = (
                lambda rows, u=of_users, i=of_items: u[rows] @ i.T  # as they are now
            )
        print(f"  seed {seed} {name}: {time.monotonic() - began:.0f} s", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", choices=PAIRS)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--packaged", action="store_true")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--scoring", choices=("cosine", "dot"), default="cosine")
    given = parser.parse_args()
    material = offline.material(given.folder, packaged=given.packaged)
    features = material.features.items
    assert features is not None
    more = {"scoring": given.scoring, "pairs": PAIRS[given.data]}
    recalls: dict[str, list[np.ndarray]] = {}
    for seed in range(given.seeds):
        data = unseen_items.hold_out(material.events, 0.2, 0.5, seeds.generator(seed, "held"))
        question = data.question
        for name, score in methods(data, features, more, seed).items():
            quality = ranking.evaluate(question, score, (K,))
            recalls.setdefault(name, []).append(quality.per_user[f"recall@{K}"])
        print(f"  seed {seed}: {len(data.held)} items held, {len(question.users)} users asked")
    of_all = {name: np.concatenate(rows) for name, rows in recalls.items()}
    for name, values in of_all.items():
        line = f"{given.data}: {name:16} recall@{K} {values.mean():.4f}"
        for rival in ("attributes", "popularity"):
            gap = paired_bootstrap(values, of_all[rival], np.random.default_rng(0))
            line += f"  - {rival} {gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]"
        print(line)


if __name__ == "__main__":
    main()

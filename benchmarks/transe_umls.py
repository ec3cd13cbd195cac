"""TransE on UMLS beside PyKEEN's TransE: the same budget, chosen on valid, judged on test.

python -m benchmarks.transe_umls FOLDER [EPOCHS]

FOLDER holds train.txt.gz, valid.txt.gz and test.txt.gz (head relation tail). Both sides get as many
settings to try, all of 128 dimensions, batches of 256 and 300 epochs. The figures are filtered and
of realistic ranks, of heads and of tails. PyKEEN is no part of the project (`pip install pykeen` in
an environment of its own); without it ours stands alone. With it, its model is also judged by our
evaluation: the two must agree.
"""

import gzip
import importlib.util
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.interactions import Interactions
from engine.data.knowledge import Knowledge
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.evaluation import triple_ranking
from engine.models.transe import TransE, TransEConfig
from engine.training import seed
from engine.training.batch_factories import SOURCES
from engine.training.trainer import TrainingHooks, train
from engine.training.training_config import TrainingConfig

DIMENSION, BATCH, EPOCHS = 128, 256, 300
# Norm of the distance, margin, temperature of the loss, learning rate; entities of unit length.
OURS = tuple(("l1", margin, 1.0, 0.01) for margin in (4.0, 6.0, 9.0, 12.0, 18.0))
# Norm of the distance, margin, adversarial temperature, learning rate.
THEIRS = tuple((1, margin, 1.0, 0.01) for margin in (4.0, 6.0, 9.0, 12.0, 18.0))
Metrics = dict[str, float]
Evaluate = Callable[[np.ndarray], Metrics]
Fit = Callable[[Any], Evaluate]


@dataclass(frozen=True)
class Umls:
    """The three parts as ``(n, 3)`` heads, relations and tails."""

    entities: Vocabulary
    relations: tuple[str, ...]
    train: np.ndarray
    valid: np.ndarray
    test: np.ndarray

    @property
    def all(self) -> np.ndarray:
        return np.concatenate((self.train, self.valid, self.test))


def read(folder: Path) -> Umls:
    parts = []
    for name in ("train", "valid", "test"):
        with gzip.open(folder / f"{name}.txt.gz", "rt", encoding="utf-8") as file:
            parts.append([line.split() for line in file])
    rows = [row for part in parts for row in part]
    entities = Vocabulary(sorted({row[end] for row in rows for end in (0, 2)}))
    relations = Vocabulary(sorted({row[1] for row in rows}))
    numbers = [
        np.stack(
            (
                entities.positions(row[0] for row in part),
                relations.positions(row[1] for row in part),
                entities.positions(row[2] for row in part),
            ),
            axis=1,
        )
        for part in parts
    ]
    return Umls(entities, relations.ids, *numbers)


def material(data: Umls) -> TrainingData:
    """A graph of facts alone: no user, no item, no event."""
    none = Vocabulary([])
    events = Interactions.of(none, none, [], [], events=())
    head, relation, tail = data.train.T
    facts = Knowledge.of((0, 0), data.entities, data.relations, (head, relation, tail))
    return TrainingData(events, facts)


def ours(data: Umls, setting: tuple[str, float, float, float], epochs: int) -> Evaluate:
    """Train, and return what evaluates."""
    norm, margin, temperature, rate = setting
    config = TransEConfig(dimension=DIMENSION, norm=norm, start="normal", l2=0.0)
    training = TrainingConfig(
        loss="self-adversarial",
        margin=margin,
        temperature=temperature,
        learning_rate=rate,
        batch_size=BATCH,
        epochs=epochs,
        negatives="uniform",
        negative_count=len(data.entities),
        recency=0.0,
    )
    graph = material(data)
    model = TransE(graph, config, seed.generator(0, "start"))
    train(model, SOURCES["triples"](graph, config, training, 0), training, TrainingHooks())
    return lambda asked: triple_ranking.evaluate(
        asked, data.all, model.graph.score_tails, model.graph.score_heads, len(data.entities)
    ).metrics()


def factories(data: Umls, **more: bool) -> list[Any]:
    """The three parts as PyKEEN has them."""
    import torch
    from pykeen.triples import CoreTriplesFactory

    counts = {"num_entities": len(data.entities), "num_relations": len(data.relations)}
    return [
        CoreTriplesFactory.create(mapped_triples=torch.from_numpy(part), **counts, **more)
        for part in (data.train, data.valid, data.test)
    ]


def theirs(data: Umls, setting: tuple[int, float, float, float], epochs: int) -> Evaluate:
    """Train PyKEEN's model, and return what evaluates: its own evaluator, then ours."""
    from pykeen.pipeline import pipeline

    norm, margin, temperature, rate = setting
    parts = factories(data)
    found = pipeline(
        training=parts[0],
        validation=parts[1],
        testing=parts[2],
        model="TransE",
        model_kwargs={"embedding_dim": DIMENSION, "scoring_fct_norm": norm},
        loss="NSSALoss",
        loss_kwargs={"margin": margin, "adversarial_temperature": temperature},
        optimizer="Adam",
        optimizer_kwargs={"lr": rate},
        training_loop="sLCWA",
        negative_sampler="basic",
        negative_sampler_kwargs={"num_negs_per_pos": 64},
        training_kwargs={"num_epochs": epochs, "batch_size": BATCH, "use_tqdm": False},
        evaluation_kwargs={"use_tqdm": False},
        random_seed=0,
        device="cpu",
    )
    return by_both(found.model.eval(), data)


def by_both(model: Any, data: Umls) -> Evaluate:
    """Return what evaluates a model of PyKEEN's: its own evaluator, then ours."""
    import torch
    from pykeen.evaluation import RankBasedEvaluator

    def tails(heads: np.ndarray, relations: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            pairs = torch.from_numpy(np.stack((heads, relations), axis=1))
            return np.asarray(model.predict_t(pairs).numpy())

    def heads(relations: np.ndarray, ends: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            pairs = torch.from_numpy(np.stack((relations, ends), axis=1))
            return np.asarray(model.predict_h(pairs).numpy())

    def evaluated(asked: np.ndarray) -> Metrics:
        rest = [torch.from_numpy(part) for part in (data.train, data.valid, data.test)]
        results = RankBasedEvaluator(filtered=True).evaluate(
            model=model,
            mapped_triples=torch.from_numpy(asked),
            additional_filter_triples=rest,
            use_tqdm=False,
        )
        names = {"mr": "arithmetic_mean_rank", "mrr": "inverse_harmonic_mean_rank"}
        names |= {f"hits@{k}": f"hits_at_{k}" for k in (1, 3, 10)}
        own = {name: float(results.get_metric(f"both.realistic.{n}")) for name, n in names.items()}
        again = triple_ranking.evaluate(asked, data.all, tails, heads, len(data.entities)).metrics()
        gap = max(abs(own[name] - again[name]) for name in own)
        print(f"    by PyKEEN's evaluation and by ours: {gap:.1e} apart", flush=True)
        return own

    return evaluated


def best(name: str, data: Umls, settings: tuple[Any, ...], fit: Fit) -> Metrics:
    """Try every setting, choose on valid, and return the test figures of the chosen."""
    began, tried = time.perf_counter(), []
    for setting in settings:
        evaluate = fit(setting)
        tried.append((evaluate(data.valid)["mrr"], setting, evaluate))
        seconds = time.perf_counter() - began
        print(f"  {name} {setting}: valid MRR {tried[-1][0]:.4f}, {seconds:.0f} s", flush=True)
    _, setting, evaluate = max(tried, key=lambda one: one[0])
    print(f"  {name} chose {setting}", flush=True)
    return evaluate(data.test) | {"seconds": seconds}


def main() -> None:
    data = read(Path(sys.argv[1]))
    epochs = int(sys.argv[2]) if len(sys.argv) > 2 else EPOCHS
    rows = {"ours": best("ours", data, OURS, lambda one: ours(data, one, epochs))}
    if importlib.util.find_spec("pykeen"):
        rows["PyKEEN"] = best("PyKEEN", data, THEIRS, lambda one: theirs(data, one, epochs))
    else:
        print("PyKEEN is not installed; pip install pykeen puts it beside ours", file=sys.stderr)
    names = ("mr", "mrr", "hits@1", "hits@3", "hits@10", "seconds")
    print(f"{'test':8}" + "".join(f"{name:>9}" for name in names))
    for side, found in rows.items():
        print(f"{side:8}" + "".join(f"{found[name]:9.3f}" for name in names))


if __name__ == "__main__":
    main()

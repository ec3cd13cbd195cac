"""TwHIN with all relations against TwHIN on events alone: recall@20, paired by user.

python -m benchmarks.twhin_relations DATA [SEEDS] [ml-100k|lastfm]

DATA holds ml-100k/ (.inter, .kg and .link: facts of films) and lastfm/ (data1, test1 and
trustnetwork: who trusts whom). Every user's events of ml-100k are cut at random, four fifths to
train; lastfm brings its own test part. How much a fact weighs and how many epochs are chosen on an
eighth of the training part; the test part is looked at once. Users are resampled for the intervals,
each with the mean over the seeds.
"""

import gzip
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.data import splits
from engine.data.interactions import Interactions
from engine.data.knowledge import Knowledge
from engine.data.splits import Split
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.evaluation import ranking
from engine.evaluation.significance import paired_bootstrap
from engine.experiments.training_request import TrainingRequest
from engine.models import MODELS
from engine.models.encoder import Embeddings
from engine.training import seed as seeds
from engine.training.batch_factories import SOURCES
from engine.training.trainer import TrainingHooks, TrainingOutcome, train

METRIC = "recall@20"
FACT_WEIGHTS = (0.1, 0.3, 1.0)
# Uniform negatives were ahead of both kinds on the validation part of lastfm: .197 against .181.
SETTINGS = {
    "recency": "0",
    "negatives": "uniform",
    "negative_count": "256",
    "learning_rate": "0.003",
    "epochs": "12",
    "patience": "3",
}
Fact = tuple[str, str, str]


@dataclass(frozen=True)
class Data:
    """Events cut into train and test, and the facts beside them."""

    material: TrainingData
    parts: Split


def lines(path: Path) -> Iterator[list[str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield line.split()


def interactions(
    pairs: list[tuple[str, str]], users: Vocabulary, items: Vocabulary
) -> Interactions:
    user = users.positions(pair[0] for pair in pairs)
    item = items.positions(pair[1] for pair in pairs)
    order = np.lexsort((item, user))
    return Interactions.of(users, items, user[order], item[order], events=("had",))


def knowledge(users: Vocabulary, items: Vocabulary, facts: list[Fact]) -> Knowledge:
    """Number users as ``User id``, items as ``Item id``, and what is left as entities."""
    names = [f"User {id_}" for id_ in users.ids] + [f"Item {id_}" for id_ in items.ids]
    ends = {end for head, _, tail in facts for end in (head, tail)}
    entities = sorted(ends - set(names))
    nodes, relations = Vocabulary(names + entities), sorted({fact[1] for fact in facts})
    columns = (
        nodes.positions(fact[0] for fact in facts),
        Vocabulary(relations).positions(fact[1] for fact in facts),
        nodes.positions(fact[2] for fact in facts),
    )
    counts = len(users), len(items)
    return Knowledge.of(counts, Vocabulary(entities), tuple(relations), columns)


def ml_100k(folder: Path, seed: int) -> Data:
    rows = list(lines(folder / "ml-100k.inter.gz"))[1:]
    pairs = [(row[0], row[1]) for row in rows]
    link = {row[1]: f"Item {row[0]}" for row in list(lines(folder / "ml-100k.link.gz"))[1:]}
    kg = list(lines(folder / "ml-100k.kg.gz"))[1:]
    facts = [(link.get(head, head), name, link.get(tail, tail)) for head, name, tail in kg]
    users, items = (Vocabulary(sorted({pair[end] for pair in pairs})) for end in (0, 1))
    known = set(items.ids)
    # A linked film that nobody rated is no item of this graph.
    facts = [
        fact
        for fact in facts
        if all(not end.startswith("Item ") or end[5:] in known for end in (fact[0], fact[2]))
    ]
    events = interactions(pairs, users, items)
    parts = splits.split(events, "random", seeds.generator(seed, "split"), 0.2)
    return Data(TrainingData(events, knowledge(users, items, facts)), parts)


def lastfm(folder: Path, _: int) -> Data:
    known, asked = (
        [(row[0], row[1]) for row in lines(folder / f"{name}.txt.gz")]
        for name in ("data1", "test1")
    )
    trust = [row[:2] for row in lines(folder / "trustnetwork.txt.gz")]
    users = Vocabulary(
        sorted({pair[0] for pair in known + asked} | {u for row in trust for u in row})
    )
    items = Vocabulary(sorted({pair[1] for pair in known + asked}))
    facts = [(f"User {a}", "TRUSTS", f"User {b}") for a, b in trust]
    parts = Split(interactions(known, users, items), interactions(asked, users, items))
    return Data(TrainingData(parts.earlier, knowledge(users, items, facts)), parts)


def fit(
    data: Data,
    known: Interactions,
    settings: dict[str, str],
    seed: int,
    judge: Split | None,
    name: str = "twhin",
) -> tuple[Embeddings, TrainingOutcome]:
    """Train on ``known``; with ``judge``, stop where its later part is predicted best."""
    model, training = TrainingRequest(name, settings).configs_for(known)
    entry, material = MODELS[name], data.material.of(known)
    encoder = entry.build(material, model, seeds.generator(seed, "start"))
    batches = SOURCES[entry.batches](material, model, training, seed)
    hooks = TrainingHooks()
    if judge is not None:
        question = ranking.task(judge.earlier, judge.later, include_seen=False)
        hooks = TrainingHooks(
            validate=lambda found: ranking.evaluate(question, found.score, (20,)).means[METRIC]
        )
    outcome = train(encoder, batches, training, hooks)
    return encoder.encode(), outcome


def judged(data: Data, settings: dict[str, str], seed: int) -> tuple[float, np.ndarray]:
    """Return what the chosen epochs reach on validation, and recall of each test user."""
    settings = SETTINGS | settings
    inner = splits.split(data.parts.earlier, "random", seeds.generator(seed, "valid"), 0.125)
    _, search = fit(data, inner.earlier, settings, seed, inner)
    again = settings | {"epochs": str(max(1, search.epochs))}
    found, _ = fit(data, data.parts.earlier, again, seed, None)
    question = ranking.task(data.parts.earlier, data.parts.later, include_seen=False)
    return search.metric or 0.0, ranking.evaluate(question, found.score, (20,)).per_user[METRIC]


def main() -> None:
    folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3
    sets = {"ml-100k": ml_100k, "lastfm": lastfm}
    for name in sys.argv[3:] or sets:
        load = sets[name]
        began, rows = time.perf_counter(), []
        data = load(folder / name, 0)
        weights = {
            weight: judged(data, {"fact_weight": str(weight)}, 0)[0] for weight in FACT_WEIGHTS
        }
        chosen = max(weights, key=lambda weight: weights[weight])
        told = ", ".join(f"{weight:g}: {value:.4f}" for weight, value in weights.items())
        print(f"{name}: validation by weight of a fact: {told}; chosen {chosen:g}", flush=True)
        for seed in range(count):
            all_, events = (
                judged(data, settings, seed)[1]
                for settings in ({"fact_weight": str(chosen)}, {"relations": "events"})
            )
            rows.append((all_, events))
            print(f"  seed {seed}: all {all_.mean():.4f}, events {events.mean():.4f}", flush=True)
        all_, events = np.mean(rows, axis=0)
        gap = paired_bootstrap(all_, events, np.random.default_rng(0))
        print(
            f"{name} {METRIC}: all relations {all_.mean():.4f}, events alone {events.mean():.4f}, "
            f"difference {gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}], {gap.users} users, "
            f"{len(data.material.knowledge or ())} facts, {time.perf_counter() - began:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()

"""What the serving query does between nights, measured: does folding in what is new help or hurt?

    python -m benchmarks.between_nights completejourney          # whole, from its package
    python -m benchmarks.between_nights ml-100k/ml-100k.inter.gz
    python -m benchmarks.between_nights lastfm/data1.txt.gz

The arithmetic of ``cypher/recommend/for_users.cypher`` in NumPy, on a LightGCN that has not seen
what is folded in, popularity weighed as is best for the users a model knows. *Known users*: trained
up to a day, the next week is folded into the vectors with each weight, the week after is predicted;
four such days, paired bootstrap against no folding. Without four such days: the first three fifths
of each history, the next, the last. *New users*: a fifth of the users is kept from training; after
so many of their items the rest is predicted, by popularity alone, and folded in with each prior.
"""

import gzip
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks import completejourney
from engine.data import signals
from engine.data.arrays import Float32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.evaluation import ranking
from engine.evaluation.blend import POPULARITY_WEIGHTS
from engine.evaluation.significance import paired_bootstrap
from engine.graph.index_recall import unit
from engine.models.lightgcn import LightGCN, LightGCNConfig
from engine.training import seed
from engine.training.batch_factories import SOURCES
from engine.training.trainer import TrainingHooks, train
from engine.training.training_config import TrainingConfig

SHOP = "completejourney"
WEIGHTS = (0.1, 0.2, 0.3, 0.5, 1.0, 2.0)
CUTS = ("2017-09-04", "2017-10-02", "2017-10-30", "2017-11-27")
PRIORS = (0.0, 1.0, 2.0, 3.0, 5.0)
HALF_LIFE_DAYS = 45.0
_NEWEST = 50
_DAY = 86_400_000
_MOST_ITEMS = 5_000


@dataclass(frozen=True)
class Known:
    """What a model learned from, and its vectors."""

    events: Interactions
    users: Float32Array
    items: Float32Array


def read(path: Path) -> Interactions:
    """Return the purchases of the products bought most; or all of RecBole's, or of pairs of ids."""
    if str(path) == SHOP:
        bought = completejourney.read().events
        return completejourney.interactions(completejourney.most_bought(bought, _MOST_ITEMS))
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [line.split() for line in file]
    if path.name.endswith(".inter.gz"):
        rows = rows[1:]
        at = np.array([int(float(row[3])) * 1_000 for row in rows])
    else:  # no times: any order is as good
        at = np.random.default_rng(3).integers(10**12, 10**12 + 10**9, len(rows))
    return interactions([row[0] for row in rows], [row[1] for row in rows], at)


def interactions(users: list[str], items: list[str], at: np.ndarray) -> Interactions:
    known_users, known_items = Vocabulary(sorted(set(users))), Vocabulary(sorted(set(items)))
    return Interactions.of(
        known_users,
        known_items,
        known_users.positions(users),
        known_items.positions(items),
        at=at,
        events=("purchase",),
    )


def learn(events: Interactions) -> Known:
    config, training = (
        LightGCNConfig(),
        TrainingConfig(
            epochs=6, batch_size=8_192, negative_count=512, learning_rate=0.01, recency=0.0
        ),
    )
    encoder = LightGCN(events, config, seed.generator(0, "start"))
    train(
        encoder,
        SOURCES["pairs"](TrainingData(events), config, training, 0),
        training,
        TrainingHooks(),
    )
    vectors = encoder.encode()
    return Known(events, unit(vectors.users), unit(vectors.items))


def drift(known: Known, fresh: Interactions) -> Float32Array:
    """Return the direction of the newest fifty fresh items of each user, of unit length."""
    result = np.zeros_like(known.users)
    for user in np.unique(fresh.user):
        own = np.flatnonzero(fresh.user == user)
        own = own[np.argsort(-fresh.at[own], kind="stable")]
        items, first = np.unique(fresh.item[own], return_index=True)
        newest = np.argsort(first)[:_NEWEST]
        ages = (fresh.at[own[0]] - fresh.at[own[first[newest]]]) / _DAY
        result[user] = np.exp2(-ages / HALF_LIFE_DAYS) @ known.items[items[newest]]
    return unit(result)


def ndcg(
    question: ranking.RankingTask, known: Known, users: Float32Array, popular: Float32Array
) -> np.ndarray:
    def score(rows: Int64Array) -> Float32Array:
        return (users[rows] @ known.items.T + popular[None, :]).astype(np.float32)

    return ranking.evaluate(question, score, (20,)).per_user["ndcg@20"]


def between(events: Interactions, begin: int, end: int) -> Interactions:
    return events.select((events.at >= begin) & (events.at < end))


def asked(question: ranking.RankingTask, users: np.ndarray) -> ranking.RankingTask:
    return replace(question, users=np.intersect1d(question.users, users))


def splits(events: Interactions, by_day: bool) -> Iterator[tuple[Interactions, ...]]:
    """Yield what is learned, what is folded in, and what is predicted."""
    if not by_day:
        share = place_of(events) / np.bincount(events.user, minlength=events.n_users)[events.user]
        masks = (share < 0.6, (share >= 0.6) & (share < 0.8), share >= 0.8)
        yield tuple(events.select(mask) for mask in masks)
        return
    for cut in CUTS:
        day = int(datetime.fromisoformat(cut).replace(tzinfo=UTC).timestamp() * 1_000)
        moments = (0, day, day + 7 * _DAY, day + 14 * _DAY)
        yield tuple(between(events, *pair) for pair in pairwise(moments))


def known_users(events: Interactions, weight: float, by_day: bool) -> None:
    results: dict[float, list[np.ndarray]] = {push: [] for push in (0.0, *WEIGHTS)}
    for early, fresh, later in splits(events, by_day):
        known = learn(early)
        direction, popular = drift(known, fresh), weight * signals.popularity(early)
        together = early.joined(fresh)
        for seen in (False, True):
            question = ranking.task(together, later, include_seen=seen)
            question = asked(question, np.unique(fresh.user))
            for push, values in results.items():
                values.append(ndcg(question, known, unit(known.users + push * direction), popular))
    base = np.concatenate(results[0.0])
    print(f"known users, popularity weighed {weight}: not folded, ndcg@20 {base.mean():.4f}")
    for push in WEIGHTS:
        found = np.concatenate(results[push])
        gain = paired_bootstrap(found, base, np.random.default_rng(0))
        print(
            f"weight {push}: {found.mean():.4f}, {gain.mean:+.4f} [{gain.low:+.4f}, "
            f"{gain.high:+.4f}] over {gain.users} lists",
            flush=True,
        )


def place_of(events: Interactions) -> np.ndarray:
    """Return the place of every event in its user's history, from 0."""
    order = np.lexsort((events.at, events.user))
    starts = np.r_[0, np.flatnonzero(np.diff(events.user[order])) + 1]
    lengths = np.diff(np.r_[starts, len(events)])
    place = np.empty(len(events), dtype=np.int64)
    place[order] = np.arange(len(events)) - np.repeat(starts, lengths)
    return place


def best_popularity(events: Interactions) -> float:
    """Return the weight of popularity that predicts the last fifth of each history best."""
    lengths = np.bincount(events.user, minlength=events.n_users)
    early = place_of(events) < 0.8 * lengths[events.user]
    known = learn(events.select(early))
    question = ranking.task(events.select(early), events.select(~early), include_seen=False)
    question, popular = ranking.thinned(question), signals.popularity(known.events)

    def value(weight: float) -> float:
        return float(ndcg(question, known, known.users, np.float32(weight) * popular).mean())

    return max(POPULARITY_WEIGHTS, key=value)


def new_users(events: Interactions, weight: float) -> None:
    rng = np.random.default_rng(1)
    strangers = rng.choice(events.n_users, events.n_users // 5, replace=False)
    strange = np.isin(events.user, strangers)
    known, theirs = learn(events.select(~strange)), events.select(strange)
    place, popular = place_of(theirs), signals.popularity(known.events)
    for first in (1, 2, 3, 5, 10, 20):
        had, rest = theirs.select(place < first), theirs.select(place >= first)
        learned = ~strange
        learned[np.flatnonzero(strange)[place < first]] = True
        question = ranking.task(events.select(learned), rest, include_seen=False)
        question, taste = asked(question, np.unique(had.user)), drift(known, had)
        plain = ndcg(question, known, np.zeros_like(known.users), popular).mean()
        values = [
            ndcg(question, known, np.float32(first / (first + prior)) * taste, weight * popular)
            for prior in PRIORS
        ]
        said = ", ".join(f"prior {p:g} {v.mean():.4f}" for p, v in zip(PRIORS, values, strict=True))
        print(
            f"after {first}, {len(question.users)} users: popular {plain:.4f}, {said}", flush=True
        )


def main() -> None:
    path = Path(sys.argv[1])
    events = read(path)
    by_day = str(path) == SHOP
    weight = best_popularity(events)
    # And little popularity: what folding in does where taste is all there is.
    for tried in dict.fromkeys((weight, min(weight, 0.3))):
        known_users(events, tried, by_day)
    new_users(events, weight)


if __name__ == "__main__":
    main()

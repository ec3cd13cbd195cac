"""What the serving query does between nights, measured: does folding in what is new help or hurt?

    python -m benchmarks.between_nights completejourney/events.csv.gz

The arithmetic of ``cypher/recommend/for_users.cypher`` in NumPy, on a LightGCN that has not seen
what is folded in. *Known users*: trained up to a day, the next week's purchases are folded into the
vectors with each weight, the week after is predicted; four such days, paired bootstrap against no
folding. *New users*: a fifth of the users is kept from training; after one, three, ten of their
purchases the rest is predicted, beside popularity.
"""

import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from engine.data import signals
from engine.data.interactions import Interactions
from engine.data.material import Material
from engine.data.vocabulary import Vocabulary
from engine.evaluation import ranking
from engine.evaluation.significance import paired_bootstrap
from engine.graph.fidelity import Vectors, unit
from engine.models.lightgcn import LightGCN, LightGCNConfig
from engine.training import seed
from engine.training.options import TrainingConfig
from engine.training.sources import SOURCES
from engine.training.trainer import Hooks, train

WEIGHTS = (0.1, 0.2, 0.3, 0.5, 1.0, 2.0)
CUTS = ("2017-09-04", "2017-10-02", "2017-10-30", "2017-11-27")
HALF_LIFE_DAYS = 45.0
POPULARITY = 2.5
"""What ``blend.choose`` comes to on this data."""
PRIOR = 5.0
_NEWEST = 50
_DAY = 86_400_000
_MOST_ITEMS = 5_000


@dataclass(frozen=True)
class Known:
    """What a model learned from, and its vectors."""

    events: Interactions
    users: Vectors
    items: Vectors


def read(path: Path) -> Interactions:
    """Return the purchases of the items bought most."""
    table = pl.read_csv(path, infer_schema=False)
    most = table["item_id"].value_counts(sort=True).head(_MOST_ITEMS)["item_id"]
    table = table.filter(pl.col("item_id").is_in(most.implode()))
    at = table["timestamp"].str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="ms").cast(pl.Int64)
    users = Vocabulary(sorted(set(table["user_id"])))
    items = Vocabulary(sorted(set(table["item_id"])))
    size = len(table)
    return Interactions(
        users=users,
        items=items,
        user=users.positions(table["user_id"]).astype(np.int32),
        item=items.positions(table["item_id"]).astype(np.int32),
        weight=np.ones(size, dtype=np.float32),
        at=at.to_numpy(),
        event=np.zeros(size, dtype=np.int16),
        events=("purchase",),
    )


def learn(events: Interactions) -> Known:
    config, training = LightGCNConfig(), TrainingConfig(epochs=6, batch_size=8_192, recency=0.0)
    encoder = LightGCN(events, config, seed.generator(0, "start"))
    train(encoder, SOURCES["pairs"](Material(events), config, training, 0), training, Hooks())
    vectors = encoder.encode()
    return Known(events, unit(vectors.users), unit(vectors.items))


def drift(known: Known, fresh: Interactions) -> Vectors:
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


def ndcg(question: ranking.Task, known: Known, users: Vectors, popular: Vectors) -> np.ndarray:
    def score(rows: ranking.Rows) -> ranking.Scores:
        return (users[rows] @ known.items.T + popular[None, :]).astype(np.float32)

    return ranking.evaluate(question, score, (20,)).per_user["ndcg@20"]


def between(events: Interactions, begin: int, end: int) -> Interactions:
    return events.select((events.at >= begin) & (events.at < end))


def asked(question: ranking.Task, users: np.ndarray) -> ranking.Task:
    return replace(question, users=np.intersect1d(question.users, users))


def known_users(events: Interactions) -> None:
    results: dict[float, list[np.ndarray]] = {weight: [] for weight in (0.0, *WEIGHTS)}
    for cut in CUTS:
        day = int(datetime.fromisoformat(cut).replace(tzinfo=UTC).timestamp() * 1_000)
        known = learn(between(events, 0, day))
        week = between(events, day, day + 7 * _DAY)
        after = between(events, day + 7 * _DAY, day + 14 * _DAY)
        popular = POPULARITY * signals.popularity(known.events)
        push = drift(known, week)
        for seen in (False, True):
            question = ranking.task(between(events, 0, day + 7 * _DAY), after, include_seen=seen)
            question = asked(question, np.unique(week.user))
            for weight, values in results.items():
                values.append(ndcg(question, known, unit(known.users + weight * push), popular))
        print(f"{cut}: {len(question.users)} users asked", flush=True)
    base = np.concatenate(results[0.0])
    print(f"not folded: ndcg@20 {base.mean():.4f}")
    for weight in WEIGHTS:
        found = np.concatenate(results[weight])
        gain = paired_bootstrap(found, base, np.random.default_rng(0))
        print(
            f"weight {weight}: {found.mean():.4f}, {gain.mean:+.4f} [{gain.low:+.4f}, "
            f"{gain.high:+.4f}] over {gain.users} lists",
            flush=True,
        )


def new_users(events: Interactions) -> None:
    rng = np.random.default_rng(1)
    strangers = rng.choice(events.n_users, events.n_users // 5, replace=False)
    strange = np.isin(events.user, strangers)
    known = learn(events.select(~strange))
    theirs = events.select(strange)
    order = np.lexsort((theirs.at, theirs.user))
    place = np.zeros(len(theirs), dtype=np.int64)
    starts = np.r_[0, np.flatnonzero(np.diff(theirs.user[order])) + 1]
    lengths = np.diff(np.r_[starts, len(theirs)])
    place[order] = np.arange(len(theirs)) - np.repeat(starts, lengths)
    popular = signals.popularity(known.events)
    for first in (1, 3, 10):
        had, rest = theirs.select(place < first), theirs.select(place >= first)
        learned = ~strange
        learned[np.flatnonzero(strange)[place < first]] = True
        seen = events.select(learned)
        question = asked(ranking.task(seen, rest, include_seen=False), np.unique(had.user))
        taste = np.float32(first / (first + PRIOR)) * drift(known, had)
        folded = ndcg(question, known, taste, POPULARITY * popular)
        plain = ndcg(question, known, np.zeros_like(known.users), popular)
        gain = paired_bootstrap(folded, plain, np.random.default_rng(0))
        print(
            f"new users after {first}: folded in {folded.mean():.4f}, popular {plain.mean():.4f}, "
            f"{gain.mean:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}] over {gain.users} users",
            flush=True,
        )


def main() -> None:
    events = read(Path(sys.argv[1]))
    known_users(events)
    new_users(events)


if __name__ == "__main__":
    main()

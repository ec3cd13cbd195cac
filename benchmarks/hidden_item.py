"""A basket with one item hidden: which list finds it? ``similar --by …``, and a ranker over them.

    pip install '.[benchmarks,als]'
    python -m benchmarks.hidden_item --baskets 700

completejourney, whole. For each of four cuts, a week apart, the lists know what lies before it; of
baskets of the week after it one item, drawn by the seed, is hidden, and the lists are asked for it
by the others and by who buys. The ranker (LambdaMART) learns from the three weeks before the first
cut. ``--weeks-before 4`` moves everything four weeks back: for choosing.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np
import polars as pl
from scipy import sparse

from benchmarks import completejourney
from engine.data.arrays import Float64Array, Int64Array
from engine.data.baskets import fill, named_or_by_day
from engine.data.interactions import Interactions
from engine.data.item_edges import ItemEdges, co_occurrence, sequence
from engine.evaluation.protocols import cuts
from engine.evaluation.significance import Difference, two_way_bootstrap
from engine.models.als import Als, AlsConfig

_K, _DAYS, _HALF_LIFE, _LEARNED = 10, 7, 60.0, 3
_CANDIDATES = {"bought-together": 150, "own habits": 100, "next": 50, "popular of late": 50}
"""How many of each list the ranker orders."""


@dataclass(frozen=True, eq=False)
class Question:
    """A basket of a user without one of its items."""

    user: int
    others: Int64Array
    hidden: int


class Lists:
    """Every list as it is at a moment, each as a score of all items."""

    def __init__(
        self, past: Interactions, basket: Int64Array, facts: sparse.csr_array, seed: int
    ) -> None:
        held = fill(past, basket, np.ones(len(past)), 500)
        together = co_occurrence(held, past.items, 100, 2)
        age = (past.at.max() - past.at) / cuts.DAY_MS
        fitted = Als(past, AlsConfig(), np.random.default_rng(seed)).embeddings()
        vectors = np.asarray(fitted.items, dtype=np.float64)
        length = np.linalg.norm(vectors, axis=1, keepdims=True)
        self._vectors = vectors / np.where(length > 0, length, 1.0)
        self._facts = facts
        self._edges = {
            "bought-together": _matrix(together, "score", past.n_items),
            "together, counted": _matrix(together, "count", past.n_items),
            "next": _matrix(sequence(past, held, basket, 100, 1), "score", past.n_items),
        }
        self._habits = sparse.csr_array(
            (2.0 ** (-age / _HALF_LIFE), (past.user, past.item)), (past.n_users, past.n_items)
        )
        self._lately = np.bincount(past.item, 2.0 ** (-age / 28.0), past.n_items)

    def scores(self, asked: Question) -> dict[str, Float64Array]:
        """Return what every list says of every item, ``(n_items,)`` each."""
        others = asked.others
        found = {name: _total(edges[others]) for name, edges in self._edges.items()}
        found["embedding"] = self._vectors @ self._vectors[others].sum(axis=0)
        found["attributes"] = self._facts @ _total(self._facts[others])
        found["own habits"] = _total(self._habits[[asked.user]])
        habit = found["own habits"]
        found["within-basket"] = _scaled(found["bought-together"]) + 2.0 * habit / (habit + 4.0)
        found["popular of late"] = self._lately
        return found


def _matrix(edges: ItemEdges, value: str, n_items: int) -> sparse.csr_array:
    values = edges.values[value].astype(np.float64)
    return sparse.csr_array((values, (edges.item, edges.other)), (n_items, n_items))


def _total(rows: sparse.csr_array) -> Float64Array:
    return np.asarray(rows.sum(axis=0)).ravel()


def _scaled(score: Float64Array) -> Float64Array:
    return score / max(float(score.max()), 1e-12)


def _facts(shop: completejourney.Shop, ids: Sequence[str]) -> sparse.csr_array:
    """Return what facts say of items, so that a product is Σ ln(1 + items / items with it)."""
    row = {id_: number for number, id_ in enumerate(ids)}
    facts = shop.facts.select(
        pl.col("head").cast(pl.String).replace_strict(row, default=None).alias("item"),
        pl.struct("relation", "tail").rank("dense").cast(pl.Int64).alias("tail"),
    ).drop_nulls()
    item, tail = facts["item"].to_numpy(), facts["tail"].to_numpy()
    weight = np.sqrt(np.log1p(len(ids) / np.bincount(tail)[tail]))
    return sparse.csr_array((weight, (item, tail)), (len(ids), int(tail.max()) + 1))


def _questions(
    events: Interactions, basket: Int64Array, cut: int, most: int, seed: int
) -> list[Question]:
    """Return baskets of the week after a cut, each without an item that was known before it."""
    generator = np.random.default_rng([seed, cut])
    known = np.bincount(events.item[events.at < cut], minlength=events.n_items) > 0
    rows = np.flatnonzero(cuts.within(events.at, cut, _DAYS) & known[events.item])
    rows = rows[np.argsort(basket[rows], kind="stable")]
    found: list[Question] = []
    for one in np.split(rows, np.flatnonzero(np.diff(basket[rows])) + 1):
        items = generator.permutation(np.unique(events.item[one]))
        if len(items) > 1:
            found.append(Question(int(events.user[one[0]]), items[1:], int(items[0])))
    return [found[at] for at in generator.permutation(len(found))[:most]]


def _hit(score: Float64Array, asked: Question, lately: Float64Array) -> float:
    """Tell whether the hidden item is among the first of a list; of level items, the popular."""
    level, better = score == score[asked.hidden], score > score[asked.hidden]
    better |= level & (lately > lately[asked.hidden])
    better[asked.others] = False
    return float(better.sum() < _K)


def _rows(scores: dict[str, Float64Array], asked: Question) -> tuple[Int64Array, Float64Array]:
    """Return candidates, and for the ranker what each list says of them and where they stand."""
    best = [np.argsort(-scores[name], kind="stable")[:n] for name, n in _CANDIDATES.items()]
    items = np.setdiff1d(np.concatenate(best), asked.others)
    told = [score[items] for score in scores.values()]
    size = np.full(len(items), float(len(asked.others)))
    return items, np.column_stack([*told, size])


def _learned(weeks: list[tuple[Lists, list[Question]]], seed: int) -> lightgbm.Booster:
    features, right, sizes = [], [], []
    for lists, questions in weeks:
        for asked in questions:
            items, rows = _rows(lists.scores(asked), asked)
            features.append(rows)
            right.append(items == asked.hidden)
            sizes.append(len(items))
    settings = {
        "objective": "lambdarank",
        "lambdarank_truncation_level": 20,
        "num_leaves": 15,
        "learning_rate": 0.05,
        "min_data_in_leaf": 100,
        "verbosity": -1,
        "seed": seed,
        "deterministic": True,
    }
    rows, label = np.concatenate(features), np.concatenate(right).astype(int)
    return lightgbm.train(settings, lightgbm.Dataset(rows, label, group=sizes), 150)


def _ranked(ranker: lightgbm.Booster, scores: dict[str, Float64Array], asked: Question) -> float:
    items, rows = _rows(scores, asked)
    order = np.argsort(-np.asarray(ranker.predict(rows)), kind="stable")
    return float(asked.hidden in items[order[:_K]])


def main() -> None:
    """Print a row for each list: its hits, and how far it is behind the one that serves."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--baskets", type=int, default=700, help="Of each week.")
    parser.add_argument("--weeks-before", type=int, default=0)
    parser.add_argument("--cuts", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    shop = completejourney.read()
    events, named = completejourney.with_baskets(shop.events)
    basket = named_or_by_day(events, named)
    facts = _facts(shop, events.items.ids)
    end = cuts.day_end(events.at) - given.weeks_before * _DAYS * cuts.DAY_MS
    weeks = cuts.cuts_before(end, _DAYS, given.cuts + _LEARNED).tolist()
    taught: list[tuple[Lists, list[Question]]] = []
    hits: dict[str, list[float]] = {}
    users: list[tuple[int, int]] = []
    ranker = None
    for place, cut in enumerate(weeks):
        old = events.at < cut
        lists = Lists(
            events.select(old), named_or_by_day(events.select(old), named[old]), facts, given.seed
        )
        questions = _questions(events, basket, cut, given.baskets, given.seed)
        print(f"{cuts.day(cut)}: {len(questions)} baskets", flush=True)
        if place < _LEARNED:
            taught.append((lists, questions))
            continue
        ranker = ranker or _learned(taught, given.seed)
        for asked in questions:
            scores = lists.scores(asked)
            for name, score in scores.items():
                hits.setdefault(name, []).append(_hit(score, asked, scores["popular of late"]))
            hits.setdefault("ranker", []).append(_ranked(ranker, scores, asked))
            users.append((asked.user, cut))
    who, when = np.array(users).T
    served = np.array(hits["within-basket"])
    print(f"\n| list | hit@{_K} | within-basket less it |\n| --- | --- | --- |")
    for name, values in sorted(hits.items(), key=lambda row: -sum(row[1])):
        apart = two_way_bootstrap(
            served - np.array(values), who, when, np.random.default_rng(given.seed)
        )
        print(f"| {name} | {np.mean(values):.4f} | {_said(apart)} |")


def _said(one: Difference) -> str:
    return f"{one.mean:+.4f} [{one.low:+.4f}, {one.high:+.4f}]"


if __name__ == "__main__":
    main()

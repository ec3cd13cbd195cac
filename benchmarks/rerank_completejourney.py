"""Does a learned ranker over blended candidates beat buy-it-again on completejourney?

    pip install '.[benchmarks]'
    python -m benchmarks.rerank_completejourney [SEED ...]

The split is that of ``engine compare``: the first 80 %
of events train, the rest test. Gradient-boosted trees learn from two windows of the training part,
each an eighth of its events, with every number taken from before the window; a third window is the
validation, printed first. Then all three windows are learned from, and the test part is asked once
per seed. Beside it stands the blend that is served with vectors that say nothing: what weighing
popularity, recency and repeats is worth alone.
"""

import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse
from sklearn.ensemble import HistGradientBoostingClassifier

from benchmarks import completejourney
from engine.data import signals, splits
from engine.data.interactions import Interactions
from engine.data.splits import Split
from engine.data.training_data import TrainingData
from engine.evaluation import blend
from engine.evaluation.evaluation_setup import EvaluationSetup
from engine.evaluation.protocols import EvaluationTask
from engine.evaluation.standings import MethodLists, headline, standings
from engine.evaluation.trend import fold
from engine.experiments.compared_methods import listed
from engine.experiments.training_request import TrainingRequest
from engine.models import PLAIN
from engine.models.encoder import Embeddings
from engine.models.item_knn import ItemKnn
from engine.models.normalised_adjacency import normalised
from engine.models.spectral import randomised_svd

_DAY = 86_400_000.0
_WINDOW = 0.125
_TOP = 60
_POPULAR = 150
_BATCH = 100
_NEGATIVES = 60
_ATTRIBUTES = ("department", "product_category", "product_type", "manufacturer_id")
Array = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


class Known:
    """What is known at one moment: numbers of every user and item."""

    def __init__(self, train: Interactions, groups: list[Rows]) -> None:
        self.train = train
        self.now = float(train.at.max())
        self.counts = _matrix(train, np.ones(len(train)))
        self.decayed = [signals.repeats(train, days) for days in (20.0, 90.0)]
        self.popular = [signals.popularity(train)] + [
            signals.recent_popularity(train, days) for days in (10.0, 30.0, 90.0)
        ]
        self.last = self.counts.copy()
        self.last.data = _grouped(train, np.maximum)
        self.first = self.counts.copy()
        self.first.data = _grouped(train, np.minimum)
        events = np.maximum(train.item_counts(), 1)
        buyers = np.bincount(self.counts.indices, minlength=train.n_items)
        self.repeat_rate = ((events - buyers) / (events + 5.0)).astype(np.float32)
        of_user = np.bincount(train.user, minlength=train.n_users)
        pairs = np.diff(self.counts.indptr)
        self.user = np.stack(
            [np.log1p(of_user), 1.0 - pairs / np.maximum(of_user, 1)], axis=1
        ).astype(np.float32)
        self.groups = groups
        self.shares = [_shares(train, group) for group in groups]
        self.within = []
        for group in groups:
            total = np.bincount(group, train.item_counts(), minlength=group.max() + 1)
            self.within.append((train.item_counts() / np.maximum(total[group], 1)).astype("f4"))
        self.knn = ItemKnn(train)
        users, values, items = randomised_svd(normalised(train), 32, np.random.default_rng(0))
        self.vectors = users * values, items

    def candidates(self, rows: Rows) -> tuple[Rows, Rows, Array]:
        """Return (place in ``rows``, item) of what may be listed, and features of these pairs."""
        count = self.counts[rows].toarray().astype(np.float32)
        knn = self.knn.score(rows)
        near = (self.vectors[0][rows] @ self.vectors[1].T).astype(np.float32)
        taste = self.shares[1][rows][:, self.groups[1]] * self.popular[2]
        candidates = count > 0
        for popular in self.popular:
            candidates[:, np.argpartition(-popular, _POPULAR)[:_POPULAR]] = True
        for score in (knn + self.popular[2], near + 0.1 * self.popular[2], taste):
            best = np.argpartition(-score, _TOP, axis=1)[:, :_TOP]
            np.put_along_axis(candidates, best, True, axis=1)
        candidates[:, self.train.item_counts() == 0] = False
        place, item = np.nonzero(candidates)
        had = count[place, item]
        last, first = (one[rows].toarray()[place, item] for one in (self.last, self.first))
        since = np.where(had > 0, (self.now - last) / _DAY, np.nan)
        gap = np.where(had > 1, (last - first) / _DAY / np.maximum(had - 1, 1), np.nan)
        every = [had, *(one[rows].toarray()[place, item] for one in self.decayed)]
        every += [since, since / np.maximum(gap, 1.0), knn[place, item], near[place, item]]
        every += [
            share[rows][place, group[item]]
            for share, group in zip(self.shares, self.groups, strict=True)
        ]
        every += [one[item] for one in (*self.popular, self.repeat_rate, *self.within)]
        every += list(self.user[rows][place].T)
        return place, item, np.stack(every, axis=1).astype(np.float32)


def batches(known: Known, rows: Rows) -> Iterator[tuple[Rows, Rows, Rows, Array]]:
    """Yield users, (place, item) of their candidates, and the features of these."""
    for start in range(0, len(rows), _BATCH):
        some = rows[start : start + _BATCH]
        yield some, *known.candidates(some)


def examples(known: Known, later: Interactions, draw: np.random.Generator) -> tuple[Array, Rows]:
    """Return features and labels: what was bought in the window, and some of what was not."""
    had = _matrix(later, np.ones(len(later))).astype(bool)
    asked = np.intersect1d(np.unique(later.user), np.unique(known.train.user)).astype(np.int64)
    parts, labels = [], []
    for some, place, item, features in batches(known, asked):
        label = had[some].toarray()[place, item]
        share = _NEGATIVES * len(some) / max(int((~label).sum()), 1)
        keep = label | (draw.random(len(label)) < share)
        parts.append(features[keep])
        labels.append(label[keep].astype(np.int64))
    return np.concatenate(parts), np.concatenate(labels)


def rank(model: Any, known: Known, setup: EvaluationSetup) -> MethodLists:
    """Return the ranker's lists for every question."""
    users = np.unique(np.concatenate([one.users for (one,) in setup.questions.values()]))
    blocks: dict[int, tuple[Rows, Array]] = {}
    for some, place, item, features in batches(known, users):
        value = model.predict_proba(features)[:, 1].astype(np.float32)
        for at, user in enumerate(some):
            mine = place == at
            blocks[int(user)] = item[mine], value[mine]

    def score(rows: Rows) -> Array:
        dense = np.full((len(rows), known.train.n_items), -np.inf, dtype=np.float32)
        for at, user in enumerate(rows):
            items, values = blocks[int(user)]
            dense[at, items] = values
        return dense

    return listed("re-ranked", "trained", lambda _: score, setup)


def without_vectors(parts: Split, setup: EvaluationSetup) -> MethodLists:
    """Return the served blend over vectors that are all the same, its weights from validation."""

    def alike(train: Interactions) -> tuple[Array, Array]:
        known = np.bincount(train.user, minlength=train.n_users) > 0, train.item_counts() > 0
        users, items = (one.astype(np.float32)[:, None] for one in known)
        return users, items

    known = parts.earlier
    inner = splits.split(known, "time", np.random.default_rng(0), _WINDOW)
    trend, weights = blend.choose(alike(inner.earlier), inner.earlier, inner.later)
    folded = Embeddings(*fold(*alike(known), known, trend, cosine=True))
    score = blend.scorer(folded.score, known, weights)
    return listed("no vectors", "blend", lambda _: score, setup)


def judge(parts: Split, groups: list[Rows], windows: int, seed: int) -> None:
    """Learn from the windows before the later part, and print what that is worth there."""
    began, draw = time.monotonic(), np.random.default_rng(seed)
    known, made = parts.earlier, []
    size = round(_WINDOW * len(known))
    order = np.lexsort((known.item, known.user, known.at))
    for back in range(windows):
        end = len(order) - back * size
        before, window = np.zeros((2, len(order)), dtype=bool)
        before[order[: end - size]] = True
        window[order[end - size : end]] = True
        made.append(examples(Known(known.select(before), groups), known.select(window), draw))
    features = np.concatenate([one for one, _ in made])
    labels = np.concatenate([one for _, one in made])
    model = HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=200,
        max_leaf_nodes=15,
        min_samples_leaf=100,
        l2_regularization=10.0,
        early_stopping=False,
        random_state=seed,
    ).fit(features, labels)
    setup = EvaluationSetup(
        [EvaluationTask(parts, lambda: parts)], lambda: np.random.default_rng(seed)
    )
    found = [rank(model, Known(known, groups), setup), without_vectors(parts, setup)]
    for name in ("popular", "recent-popular", "buy-again"):
        kind = PLAIN[name]
        built = kind.build(known, kind.config(), np.random.default_rng(0))
        score = built.score
        found.append(listed(name, "plain", lambda _, score=score: score, setup))
    rows = standings(setup, found)
    for one in rows:
        where = "seen allowed" if one.seen else "new only"
        gap = one.gaps.get(setup.judged)
        shown = "" if gap is None else f"  {gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]"
        ndcg, recall = (one.means[name] for name in setup.shown)
        print(f"  {where:12} {one.name:14} ndcg@20 {ndcg:.4f} recall@20 {recall:.4f}{shown}")
    print(f"  {time.monotonic() - began:.0f} s, {len(labels)} examples, {labels.sum()} bought")
    for line in headline(rows, setup.judged):
        print(f"  {line}")


def main() -> None:
    """Print validation, then the test part for every seed."""
    seeds = [int(one) for one in sys.argv[1:]] or [0]
    shop = completejourney.read()
    events = shop.interactions()
    outer = TrainingRequest().tasks(TrainingData(events))[0].parts
    groups = _groups(shop.items, events)
    known = outer.earlier
    order = np.lexsort((known.item, known.user, known.at))
    later = np.zeros(len(order), dtype=bool)
    later[order[len(order) - round(_WINDOW * len(order)) :]] = True
    print("validation: the last eighth of the training part")
    judge(Split(known.select(~later), known.select(later)), groups, 2, seeds[0])
    for seed in seeds:
        print(f"test, seed {seed}")
        judge(outer, groups, 3, seed)


def _groups(items: pl.DataFrame, events: Interactions) -> list[Rows]:
    """Return the group of every item by each attribute, ``(n_items,)``; unknown is one of them."""
    frame = items.with_columns(pl.all().cast(pl.String))
    table = pl.DataFrame({"item_id": events.items.ids}).join(
        frame, on="item_id", how="left", maintain_order="left"
    )
    return [
        table[name].fill_null("").rank("dense").to_numpy().astype(np.int64) - 1
        for name in _ATTRIBUTES
    ]


def _matrix(events: Interactions, values: npt.NDArray[np.float64]) -> sparse.csr_array:
    matrix = sparse.csr_array(
        (values, (events.user, events.item)), shape=(events.n_users, events.n_items)
    )
    matrix.sum_duplicates()
    return matrix


def _grouped(events: Interactions, chosen: np.ufunc) -> npt.NDArray[np.float64]:
    """Return the last or first moment of every pair, in the order of the matrix's cells."""
    key = events.user.astype(np.int64) * events.n_items + events.item
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(key[order]) > 0))
    return chosen.reduceat(events.at[order].astype(np.float64), starts)


def _shares(train: Interactions, group: Rows) -> Array:
    """Return the share of each user's events that falls to each group."""
    n_groups = int(group.max()) + 1
    flat = train.user.astype(np.int64) * n_groups + group[train.item]
    counts = np.bincount(flat, minlength=train.n_users * n_groups).reshape(-1, n_groups)
    return (counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)).astype(np.float32)


if __name__ == "__main__":
    main()

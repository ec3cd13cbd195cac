"""Item-item LightGCN: what its exponent r does, and what folding a user in costs.

python -m benchmarks.item_lightgcn_r DATA [SEEDS] [--plot FILE.svg]

DATA holds ml-100k/ and lastfm/. Every user's events of ml-100k are cut at random, four fifths to
train; lastfm brings its own test part. Every r trains until an eighth of the training part is
predicted best, and then as long on all of it. For the second table a fifth of the users, another
one with each seed, is left out of training and gets its vectors from its items; beside them stand
the same users where they were trained on. Lists are those of the vectors alone; the intervals are
over users, each with the mean over the seeds.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt

from benchmarks.twhin_relations import lastfm, ml_100k
from engine.data import splits
from engine.data.interactions import Interactions
from engine.data.splits import Split
from engine.data.training_data import TrainingData
from engine.evaluation import ranking
from engine.evaluation.ranking import RankingTask, UserScorer
from engine.evaluation.significance import Difference, paired_bootstrap
from engine.experiments.fitting import FitObserver, Fitting
from engine.experiments.training_request import TrainingRequest
from engine.models.encoder import Embeddings
from engine.models.item_lightgcn import ItemLightGCN
from engine.training import seed as seeds

SETS = {"ml-100k": ml_100k, "lastfm": lastfm}
EXPONENTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
METRIC = "ndcg@20"
FIFTHS = 5  # of the users, another one with each seed: nobody counts twice
Values = npt.NDArray[np.float64]


def fitted(known: Interactions, exponent: float, seed: int) -> ItemLightGCN:
    """Train on ``known``, as long as a part held out of it speaks for."""
    request = TrainingRequest("item-lightgcn", {"r": str(exponent), "recency": "0"}, seed=seed)
    inner = splits.split(known, "random", seeds.generator(seed, "valid"), 0.125)
    question = ranking.thinned(ranking.task(inner.earlier, inner.later, include_seen=False))

    def validate(found: Embeddings) -> float:
        return ranking.evaluate(question, found.score, (20,)).means[METRIC]

    with tempfile.TemporaryDirectory() as folder:
        fitting = Fitting(TrainingData(known), request, Path(folder), FitObserver())
        _, search = fitting.fit("search", inner.earlier, validate=validate)
        encoder, _ = fitting.fit("train", known, epochs=search.epochs)
    assert isinstance(encoder, ItemLightGCN)
    return encoder


def reached(question: RankingTask, score: UserScorer) -> Values:
    """Return ndcg@20 of every user that is asked for."""
    return ranking.evaluate(question, score, (20,)).per_user[METRIC]


def folded_in(parts: Split, seed: int) -> tuple[RankingTask, Values, Values]:
    """Return a fifth of the users, their ndcg@20 when folded in, and when trained on."""
    known = parts.earlier
    order = seeds.generator(0, "strangers").permutation(known.n_users)
    strangers = np.array_split(order, FIFTHS)[seed % FIFTHS]
    whole = ranking.task(known, parts.later, include_seen=False)
    question = replace(whole, users=np.intersect1d(whole.users, strangers))
    # Their events are gone; their numbers and the items' stay.
    learned = fitted(known.select(~np.isin(known.user, strangers)), 0.5, seed)
    had = known.csr(binary=True)
    users = learned.fold_in(np.split(had.indices, had.indptr[1:-1]))
    items = learned.encode().items
    trained = fitted(known, 0.5, seed).encode().score
    return (
        question,
        reached(question, lambda rows: users[rows] @ items.T),
        reached(question, trained),
    )


def draw(found: dict[str, dict[float, Difference]], path: Path) -> None:
    """Draw quality by r of every data set, as a share of its best."""
    figure, axes = plt.subplots(figsize=(6, 3.4), layout="constrained")
    for name, rows in found.items():
        x = list(rows)
        axes.plot(x, [rows[r].mean for r in x], "o-", label=name)
        axes.fill_between(
            x, [rows[r].low for r in x], [rows[r].high for r in x], alpha=0.15, linewidth=0
        )
    axes.set_xlabel("r, exponent of the receiving node's degree")
    axes.set_ylabel(f"{METRIC} less that of r = 0.5")
    axes.axhline(0, color="#999999", linewidth=0.8)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    plt.rcParams["svg.hashsalt"] = "engine"
    figure.savefig(path, metadata={"Date": None})


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("count", default=3)
@click.option("--only", "names", multiple=True, type=click.Choice(list(SETS)))
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path))
def main(data: Path, count: int, names: Sequence[str], plot: Path | None) -> None:
    """Print ndcg@20 by r, and what folding in costs."""
    gaps: dict[str, dict[float, Difference]] = {}
    for name in names or SETS:
        parts = SETS[name](data / name, 0).parts
        question = ranking.task(parts.earlier, parts.later, include_seen=False)
        by_r: dict[float, Values] = {}
        for exponent in EXPONENTS:
            each = [
                reached(question, fitted(parts.earlier, exponent, seed).encode().score)
                for seed in range(count)
            ]
            by_r[exponent] = np.mean(each, axis=0)
            spread = np.std([one.mean() for one in each], ddof=min(1, count - 1))
            print(f"{name}, r {exponent:g}: {by_r[exponent].mean():.4f} ± {spread:.4f}", flush=True)
        generator = np.random.default_rng(0)
        gaps[name] = {r: paired_bootstrap(one, by_r[0.5], generator) for r, one in by_r.items()}
        for r, gap in gaps[name].items():
            print(f"{name}, r {r:g} less r 0.5: {_told(gap)}", flush=True)
        pairs = [folded_in(parts, seed) for seed in range(count)]
        folded, trained = (np.concatenate([pair[end] for pair in pairs]) for end in (1, 2))
        print(
            f"{name}, users left out: folded in {folded.mean():.4f}, trained {trained.mean():.4f}, "
            f"{_told(paired_bootstrap(folded, trained, generator))}",
            flush=True,
        )
    if plot is not None:
        draw(gaps, plot)


def _told(gap: Difference) -> str:
    return f"{gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}], {gap.users} users"


if __name__ == "__main__":
    main()

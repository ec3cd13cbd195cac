"""Do facts beat a closed-form filter that has none? Models of triples beside plain methods.

python -m benchmarks.facts_or_filter DATA [ml-100k|lastfm] [MODEL...]

DATA and the splits: as in `benchmarks/twhin_relations.py`. Every method is chosen on an eighth of
the training part: models by epochs and how much a fact weighs (none: events alone), plain methods
by the settings below; the test part is looked at once for each method. One seed; intervals of the
difference from the best plain method are over users.
"""

import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.twhin_relations import METRIC, SETTINGS, Data, fit, lastfm, ml_100k
from engine.data import splits
from engine.data.arrays import Float64Array
from engine.data.interactions import Interactions
from engine.data.model_options import configure
from engine.data.splits import Split
from engine.evaluation import ranking
from engine.evaluation.significance import paired_bootstrap
from engine.models import PLAIN
from engine.models.registry_entries import ItemScorer
from engine.training import seed as seeds

PLAIN_SETTINGS = {
    "spectral-filter": [
        {"factors": factors, "low_pass": low_pass}
        for factors in ("64", "128", "256")
        for low_pass in ("0.3", "1.0")
    ],
    "ease": [{"l2": l2} for l2 in ("50", "200", "800")],
    "item-knn": [{"neighbours": neighbours} for neighbours in ("0", "50", "200")],
}
EVENTS = {"relations": "events"}
SMALL = {"epochs": "6", "patience": "3", "recency": "0", "learning_rate": "0.003"}
# Not 1-N: 512 candidates of each label take an eighth of the time.
SAMPLED = SMALL | {"negative_count": "512"}
MODEL_SETTINGS = {
    "twhin": SETTINGS,
    "complex": SAMPLED,
    "distmult": SAMPLED,
    "rotate": SMALL | {"negative_count": "256"},
    "transe": SMALL | {"negative_count": "256"},
}
WEIGHTS = ({"fact_weight": "0.1"}, {"fact_weight": "1.0"}, EVENTS)


def of_plain(data: Data, inner: Split, name: str) -> tuple[str, ItemScorer]:
    """Return the settings that are best on validation, and the method fitted to all of train."""
    method, tried = PLAIN[name], []

    def build(train: Interactions, settings: dict[str, str]) -> ItemScorer:
        config = configure(method.config, settings)
        return method.build(train, config, seeds.generator(0, "start"))

    question = ranking.task(inner.earlier, inner.later, include_seen=False)
    for settings in PLAIN_SETTINGS[name]:
        found = ranking.evaluate(question, build(inner.earlier, settings).score, (20,))
        tried.append((found.means[METRIC], settings))
    value, settings = max(tried, key=lambda one: one[0])
    return f"{_told(settings)}; {value:.4f}", build(data.parts.earlier, settings)


def of_model(data: Data, inner: Split, name: str) -> dict[str, tuple[str, ItemScorer]]:
    """Return the model with the weight of facts that is best on validation, and with none."""
    tried = []
    for weight in WEIGHTS:
        settings = MODEL_SETTINGS[name] | weight
        _, outcome = fit(data, inner.earlier, settings, 0, inner, name)
        tried.append((outcome.metric or 0.0, max(1, outcome.epochs), weight))
        print(f"  {name} {_told(weight)}: {tried[-1][0]:.4f} on validation", flush=True)
    with_facts = max(tried[:-1], key=lambda one: one[0])
    found = {}
    for title, (value, epochs, weight) in (("with facts", with_facts), ("events", tried[-1])):
        again = MODEL_SETTINGS[name] | weight | {"epochs": str(epochs)}
        vectors, _ = fit(data, data.parts.earlier, again, 0, None, name)
        found[f"{name}, {title}"] = f"{_told(weight)}, {epochs} epochs; {value:.4f}", vectors
    return found


def _told(settings: dict[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in settings.items())


def main() -> None:
    name = sys.argv[2] if len(sys.argv) > 2 else "lastfm"
    data = {"ml-100k": ml_100k, "lastfm": lastfm}[name](Path(sys.argv[1]) / name, 0)
    inner = splits.split(data.parts.earlier, "random", seeds.generator(0, "valid"), 0.125)
    question = ranking.task(data.parts.earlier, data.parts.later, include_seen=False)
    per_user: dict[str, Float64Array] = {}
    best = ""

    def judge(title: str, chosen: str, scorer: ItemScorer, seconds: float) -> None:
        found = ranking.evaluate(question, scorer.score, (20,))
        per_user[title] = found.per_user[METRIC]
        told = f"{found.means[METRIC]:.4f} / {found.means['ndcg@20']:.4f}"
        if best:
            gap = paired_bootstrap(per_user[title], per_user[best], np.random.default_rng(0))
            told += f", {gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}] to {best}"
        print(f"{name} {title} ({chosen} on validation): {told}, {seconds:.0f} s", flush=True)

    values = {}
    for method in PLAIN_SETTINGS:
        began = time.perf_counter()
        chosen, scorer = of_plain(data, inner, method)
        judge(method, chosen, scorer, time.perf_counter() - began)
        values[method] = float(chosen.split("; ")[1])
    best = max(values, key=lambda one: values[one])
    for model in sys.argv[3:] or MODEL_SETTINGS:
        began = time.perf_counter()
        for title, (chosen, vectors) in of_model(data, inner, model).items():
            judge(title, chosen, vectors, time.perf_counter() - began)


if __name__ == "__main__":
    main()
